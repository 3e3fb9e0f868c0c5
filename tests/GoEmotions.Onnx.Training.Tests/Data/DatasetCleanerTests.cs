using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class DatasetCleanerTests
{
    private const string Header = "id,text,example_very_unclear,joy,fear\n";

    private const string Mixed = Header
        + "a,happy,FALSE,1,0\n"
        + "b,,FALSE,1,0\n"
        + "c,what,TRUE,0,0\n"
        + "d,nothing,FALSE,0,0\n"
        + "e,\" \u00a0\",FALSE,0,1\n"
        + "f,happy,FALSE,1,1\n"
        + "g,cut,FALS";

    [Fact]
    public void Clean_Defaults_KeepWhatTheNotebookKeeps()
    {
        CleanedDataset cleaned = Clean(Mixed);
        Assert.Equal(["happy", "what", "nothing", "happy"], cleaned.Dataset.Select(example => example.Text));
        DataReport report = cleaned.Report;
        Assert.Equal((7, 4, 0), (report.Read, report.Kept, report.Merged));
        Assert.Equal(["data.csv:3", "data.csv:8"], report.Dropped[DropReasons.MissingCell].Lines);
        Assert.Equal(2, report.Dropped[DropReasons.MissingCell].Count);
        Assert.Equal(["data.csv:6"], report.Dropped[DropReasons.BlankText].Lines);
        Assert.Equal(2, report.Dropped.Count);
        Assert.Equal((1, 2, 1), (report.Unclear, report.Unlabeled, report.DuplicateTexts));
        Assert.Equal([("joy", 2), ("fear", 2)], report.LabelsBefore.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal([("joy", 2), ("fear", 1)], report.LabelsAfter.Select(pair => (pair.Key, pair.Value)));
        SourceReport source = Assert.Single(report.Sources);
        Assert.Equal(("data.csv", DatasetFormat.OneHotTable, 7, "the columns of the table"), (source.File, source.Format, source.Read, source.LabelsFrom));
    }

    [Fact]
    public void Clean_DropOptions_CountWhatTheyDrop()
    {
        DataReport report = Clean(Mixed, new CleaningOptions { DropUnclear = true, DropUnlabeled = true }).Report;
        Assert.Equal(2, report.Kept);
        Assert.Equal(["data.csv:4"], report.Dropped[DropReasons.Unclear].Lines);
        Assert.Equal(["data.csv:5"], report.Dropped[DropReasons.Unlabeled].Lines);
        Assert.Equal(report.Read, report.Kept + report.Dropped.Values.Sum(rows => rows.Count));
    }

    [Fact]
    public void Clean_Majority_KeepsLabelsOfTwoRaters()
    {
        const string Content = Header
            + "a,one,FALSE,1,0\nb,two,FALSE,1,0\na,one,FALSE,1,1\nb,two,FALSE,0,1\nc,three,TRUE,0,0\na,one,FALSE,0,1\nc,three,FALSE,0,1\nc,three!,FALSE,0,1\nd,four,FALSE,1,1\n";
        CleanedDataset cleaned = Clean(Content, new CleaningOptions { Raters = RaterPolicy.Majority });
        Assert.Equal([("a", LabelSet.Create(0, 1), 2), ("c", LabelSet.Create(1), 6)], cleaned.Dataset.Select(example => (example.Id!, example.Labels, example.LineNumber)));
        Assert.False(cleaned.Dataset[1].IsUnclear);
        Assert.Equal((9, 2, 5), (cleaned.Report.Read, cleaned.Report.Kept, cleaned.Report.Merged));
        Assert.Equal(["data.csv:3", "data.csv:10"], cleaned.Report.Dropped[DropReasons.NoAgreedLabel].Lines);
        Assert.Equal("1 rows have another text than the first row with their comment id (the first at data.csv:9); the first text was kept.", Assert.Single(cleaned.Report.Warnings));
    }

    [Fact]
    public void Clean_MajorityWithoutIds_SaysSo()
    {
        string message = Assert.Throws<InvalidDataException>(() => Clean("text,joy\nhello,1\n", new CleaningOptions { Raters = RaterPolicy.Majority })).Message;
        Assert.Equal("data.csv:2: the row has no comment id, expected one to merge the raters of a comment by. Keep all rows (--raters keep).", message);
    }

    [Fact]
    public void Clean_NothingLeft_IsAnErrorWithTheCounts()
    {
        Assert.Equal(
            "data.csv: none of 2 rows is left (dropped: missing_cell 2; merged: 0), expected at least one. Mend the files or drop less.",
            Assert.Throws<InvalidDataException>(() => Clean(Header + "a,,FALSE,1,0\nb,,FALSE,1,0\n")).Message);
        Assert.Equal(
            "data.csv: none of 2 rows is left (dropped: no_agreed_label 2; merged: 0), expected at least one. Keep all rows where each comment has one (--raters keep).",
            Assert.Throws<InvalidDataException>(() => Clean("a\t1\tx\nb\t2\ty\n", new CleaningOptions { Raters = RaterPolicy.Majority })).Message);
    }

    [Fact]
    public void Clean_ManyDroppedRows_AreAllCountedAndSomeNamed()
    {
        DataReport report = Clean(Header + "a,x,FALSE,1,0\n" + string.Concat(Enumerable.Repeat("b,,FALSE,0,0\n", 250))).Report;
        Assert.Equal(250, report.Dropped[DropReasons.MissingCell].Count);
        Assert.Equal(DroppedRows.MaxLines, report.Dropped[DropReasons.MissingCell].Lines.Count);
        Assert.Equal("data.csv:3", report.Dropped[DropReasons.MissingCell].Lines[0]);
    }

    [Fact]
    public void CleanFiles_SeveralLayouts_ShareTheLabelsOfTheFirst()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b/labels.txt", "fear\njoy\n");
        string[] paths =
        [
            folder.Write("a.csv", "text,joy,fear\nfirst,1,0\n"),
            folder.Write("b/b.tsv", "second\t0\tx\n"),
            folder.Write("c.jsonl", "{\"text\": \"third\", \"labels\": [\"fear\"]}\n"),
        ];
        CleanedDataset cleaned = DatasetCleaner.CleanFiles(paths);
        Assert.Equal(EmotionLabels.Create("joy", "fear"), cleaned.Dataset.Labels);
        Assert.Equal([LabelSet.Create(0), LabelSet.Create(1), LabelSet.Create(1)], cleaned.Dataset.Select(example => example.Labels));
        Assert.Equal(paths, cleaned.Report.Sources.Select(source => source.File));
    }

    [Fact]
    public void CleanFiles_NoFileOrOneTwice_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.csv", "text,joy\nfirst,1\n");
        Assert.StartsWith("'paths' is empty, expected at least one file. Pass the files to read.", Assert.Throws<ArgumentException>(() => DatasetCleaner.CleanFiles([])).Message, StringComparison.Ordinal);
        Assert.StartsWith("'paths' names a file twice: ", Assert.Throws<ArgumentException>(() => DatasetCleaner.CleanFiles([path, path])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_SavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        DataReport report = Clean(Mixed).Report;
        string path = folder["data-report.json"];
        report.Save(path);
        string json = File.ReadAllText(path);
        Assert.StartsWith("{\n  \"read\": 7,\n  \"kept\": 4,\n  \"merged\": 0,\n  \"dropped\": {\n    \"missing_cell\": {\n      \"count\": 2,\n      \"lines\": [\n        \"data.csv:3\",", json, StringComparison.Ordinal);
        DataReport.Load(path).Save(folder["again.json"]);
        Assert.Equal(json, File.ReadAllText(folder["again.json"]));
        string message = Assert.Throws<InvalidDataException>(() => DataReport.Load(folder.Write("bad.json", "{\n  \"read\": }"))).Message;
        Assert.StartsWith($"{folder["bad.json"]}:2: the file is no data report: ", message, StringComparison.Ordinal);
    }

    private static CleanedDataset Clean(string content, CleaningOptions? options = null)
    {
        using DatasetReader reader = TableText.Open(content);
        return DatasetCleaner.Clean(reader, options);
    }
}
