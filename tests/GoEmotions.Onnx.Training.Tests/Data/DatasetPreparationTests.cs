using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class DatasetPreparationTests
{
    [Fact]
    public void Prepare_NoInput_TakesTheSampleCorpus()
    {
        using var folder = new TemporaryFolder();
        PreparedDataset prepared = DatasetPreparation.Prepare(new DatasetPreparationOptions { OutputFolder = folder["set"], Sample = 1_000 });
        Assert.Equal((800, 200), (prepared.Split.Train.Count, prepared.Split.Dev.Count));
        Assert.Equal(SampleCorpus.Name, Assert.Single(prepared.Report.Sources).File);
        Assert.Equal(prepared.Split.Train.Select(example => (example.Text, example.Labels)), DatasetFolder.Load(folder["set"]).Train.Select(example => (example.Text, example.Labels)));
        DataReport report = DataReport.Load(folder["set/data-report.json"]);
        Assert.Equal(("random", 42, 1_000, 800, 200, null), (report.Split!.Method, report.Split.Seed, report.Split.Sample, report.Split.Train, report.Split.Dev, report.Split.Test));
        Assert.Equal(report.Read, report.Kept + report.Merged + report.Dropped.Values.Sum(rows => rows.Count));
    }

    [Fact]
    public void Prepare_GivenFiles_AreTakenAsTheyAre()
    {
        using var folder = new TemporaryFolder();
        var options = new DatasetPreparationOptions
        {
            Inputs = [folder.Write("train.csv", "text,joy,fear\na,1,0\nb,0,1\n,0,1\n")],
            DevInputs = [folder.Write("dev.csv", "text,fear,joy\nc,1,0\n,1,0\n")],
            TestInputs = [folder.Write("test.csv", "text,joy,fear\nd,1,1\n")],
        };
        PreparedDataset prepared = DatasetPreparation.Prepare(options);
        Assert.Equal(["a", "b"], prepared.Split.Train.Select(example => example.Text));
        Assert.Equal(LabelSet.Create(1), Assert.Single(prepared.Split.Dev).Labels);
        Assert.Equal("d", Assert.Single(prepared.Split.Test!).Text);
        DataReport report = prepared.Report;
        Assert.Equal((6, 4, "given"), (report.Read, report.Kept, report.Split!.Method));
        Assert.Equal([$"{options.Inputs[0]}:4", $"{options.DevInputs[0]}:3"], report.Dropped[DropReasons.MissingCell].Lines);
        Assert.Equal(["dev has no positive example of joy among 1 examples: nothing can be said about it there."], report.Warnings);
        Assert.Equal([("joy", 2), ("fear", 3)], report.LabelsAfter.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Prepare_DataSetFolder_StandsForItsFiles()
    {
        using var folder = new TemporaryFolder();
        PreparedDataset first = DatasetPreparation.Prepare(new DatasetPreparationOptions { OutputFolder = folder["set"], Split = new SplitOptions { TestFraction = 0.1 } });
        PreparedDataset second = DatasetPreparation.Prepare(new DatasetPreparationOptions { Inputs = [folder["set"]] });
        Assert.Equal(first.Split.Train.Select(example => example.Text), second.Split.Train.Select(example => example.Text));
        Assert.Equal(first.Split.Dev.Select(example => example.Labels), second.Split.Dev.Select(example => example.Labels));
        Assert.Equal(first.Split.Test!.Select(example => example.Id), second.Split.Test!.Select(example => example.Id));
        Directory.CreateDirectory(folder["empty"]);
        string message = Assert.Throws<InvalidDataException>(() => DatasetPreparation.Prepare(new DatasetPreparationOptions { Inputs = [folder["empty"]] })).Message;
        Assert.Equal($"{folder["empty"]}: the folder has neither train.jsonl, dev.jsonl and labels.txt nor train.tsv and dev.tsv, expected a data set. Pass a folder that 'goemotions data' or 'goemotions fetch' wrote, or files.", message);
    }

    [Theory]
    [InlineData("ekman", 7)]
    [InlineData("sentiment", 4)]
    public void Prepare_Taxonomy_MapsLabels(string taxonomy, int groups)
    {
        PreparedDataset prepared = DatasetPreparation.Prepare(new DatasetPreparationOptions { Taxonomy = taxonomy });
        Assert.Equal(groups, prepared.Split.Labels.Count);
        Assert.Equal((28, groups, taxonomy), (prepared.Report.LabelsBefore.Count, prepared.Report.LabelsAfter.Count, prepared.Report.Taxonomy));
    }

    [Fact]
    public void Prepare_UserTaxonomy_MapsByUnion()
    {
        using var folder = new TemporaryFolder();
        PreparedDataset prepared = DatasetPreparation.Prepare(new DatasetPreparationOptions
        {
            Inputs = [folder.Write("a.csv", "text,joy,fear,rage\na,1,0,0\nb,0,1,1\n")],
            Taxonomy = folder.Write("groups.json", "{\"bad\": [\"fear\", \"rage\"], \"good\": [\"joy\"]}"),
        });
        Assert.Equal(EmotionLabels.Create("bad", "good"), prepared.Split.Labels);
        Assert.Equal([("bad", 1), ("good", 1)], prepared.Report.LabelsAfter.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Prepare_FolderInTheWay_IsFoundBeforeTheWork()
    {
        using var folder = new TemporaryFolder();
        folder.Write("set/other.txt", "");
        var options = new DatasetPreparationOptions { Inputs = [folder["missing.csv"]], OutputFolder = folder["set"] };
        Assert.Throws<IOException>(() => DatasetPreparation.Prepare(options));
    }

    [Fact]
    public void Prepare_ContradictingChoices_AreRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.csv", "text,joy\na,1\nb,0\n");
        Assert.StartsWith(
            $"'options' names {path} twice, expected each file once. Remove the second.",
            Assert.Throws<ArgumentException>(() => DatasetPreparation.Prepare(new DatasetPreparationOptions { Inputs = [path], DevInputs = [path] })).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "'options' gives files for development or test and a test fraction, too; expected one or the other. Leave the test fraction out.",
            Assert.Throws<ArgumentException>(() => DatasetPreparation.Prepare(new DatasetPreparationOptions { TestInputs = [path], Split = new SplitOptions { TestFraction = 0.1 } })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_DroppedRowsAndLabels_AreInTheReportWhenMajorityMerges()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("raters.csv", "id,text,joy,fear\na,x,1,0\na,x,1,1\nb,y,0,1\nb,y,0,1\nc,z,1,0\n");
        DataReport report = DatasetPreparation.Prepare(new DatasetPreparationOptions { Inputs = [path], Cleaning = new CleaningOptions { Raters = RaterPolicy.Majority } }).Report;
        Assert.Equal((5, 2, 2, 1), (report.Read, report.Kept, report.Merged, report.Dropped[DropReasons.NoAgreedLabel].Count));
    }
}
