using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class GoEmotionsTsvReaderTests
{
    [Fact]
    public void Read_Quotes_AreOrdinaryCharacters()
    {
        List<DatasetRow> rows = TableText.Read("\"Oh\t0,27\ta\n\"\"\t3\tb\"\n");
        Assert.Equal(["\"Oh", "\"\""], rows.Select(row => row.Example!.Text));
        Assert.Equal(["a", "b\""], rows.Select(row => row.Example!.Id));
        Assert.Equal([LabelSet.Create(0, 27), LabelSet.Create(3)], rows.Select(row => row.Example!.Labels));
        Assert.Equal([1, 2], rows.Select(row => row.LineNumber));
    }

    [Theory]
    [InlineData("28", "'28'")]
    [InlineData("-1", "'-1'")]
    [InlineData("3,", "''")]
    [InlineData("3, 4", "' 4'")]
    [InlineData("joy", "'joy'")]
    [InlineData("99999999999", "'99999999999'")]
    public void Read_UnknownId_NamesLineAndLabels(string ids, string shown)
    {
        Assert.Equal(
            $"data.csv:2: column 2 (label ids) holds {shown}, expected ids from 0 to 27 with commas between (the 28 labels of GoEmotions, there being no labels.txt beside the file). Mend the id or the labels.",
            TableText.Error($"hello\t1\ta\nhello\t{ids}\tb\n"));
    }

    [Fact]
    public void Read_IdTwice_IsAnError()
    {
        Assert.Equal("data.csv:1: column 2 (label ids) holds 3 twice, expected distinct ids. Remove one of them.", TableText.Error("hello\t3,3\ta\n"));
    }

    [Theory]
    [InlineData("\t3\tb", "text")]
    [InlineData("hello\t\tb", "label ids")]
    [InlineData("hello\t3\t", "comment id")]
    [InlineData("hello\t3", "comment id")]
    [InlineData("hello", "label ids")]
    public void Read_MissingCell_IsARowThatNamesIt(string row, string column)
    {
        List<DatasetRow> rows = TableText.Read($"first\t1\ta\n{row}");
        Assert.Equal((2, column), (rows[1].LineNumber, rows[1].MissingColumn));
    }

    [Fact]
    public void Read_NoCommentIds_NeedNone()
    {
        Assert.Equal([null, null], TableText.Read("first\t1\nsecond\t2\n").Select(row => row.Example!.Id));
    }

    [Fact]
    public void Read_TabInTheText_IsTooManyColumns()
    {
        Assert.Equal("data.csv:2: found 4 columns, expected 3 (text, label ids, comment id). Remove the tabs from the text.", TableText.Error("first\t1\ta\nse\tcond\t2\tb\n"));
    }

    [Fact]
    public void Open_LabelsAskedFor_AreMatchedByName()
    {
        using var folder = new TemporaryFolder();
        folder.Write("labels.txt", "calm\nangry\n");
        string path = folder.Write("a.tsv", "hello\t0\tx\n");
        using DatasetReader reader = DatasetReader.Open(path, new DatasetReaderOptions { Labels = EmotionLabels.Create("angry", "calm") });
        Assert.Equal(LabelSet.Create(1), TableText.Rest(reader)[0].Example!.Labels);
        string message = Assert.Throws<InvalidDataException>(() => DatasetReader.Open(path, new DatasetReaderOptions { Labels = EmotionLabels.GoEmotions })).Message;
        Assert.Equal($"{path}: label 'calm' ({folder["labels.txt"]} beside the file) is not among the 28 labels expected. Pass data with the labels of the model or of the other files.", message);
    }
}
