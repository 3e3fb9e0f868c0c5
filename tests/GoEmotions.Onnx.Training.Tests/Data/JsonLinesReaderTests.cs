using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class JsonLinesReaderTests
{
    [Fact]
    public void Read_Objects_GiveTextLabelsAndId()
    {
        using DatasetReader reader = TableText.Open("""
            {"text": "a\n\"b\" \u00e9\ud83d\ude00", "labels": ["joy", "neutral"], "id": "x"}
            {"labels": [], "source": {"a": [1]}, "text": "", "id": 17, "unclear": true}
            """);
        List<DatasetRow> rows = TableText.Rest(reader);
        Assert.Equal(new EmotionExample { Text = "a\n\"b\" é😀", Labels = LabelSet.Create(17, 27), Id = "x", Source = "data.csv", LineNumber = 1 }, rows[0].Example);
        Assert.Equal(new EmotionExample { Text = "", Labels = default, Id = "17", IsUnclear = true, Source = "data.csv", LineNumber = 2 }, rows[1].Example);
        Assert.Equal(["source"], reader.IgnoredColumns);
    }

    [Theory]
    [InlineData("""{"labels": []}""", "text")]
    [InlineData("""{"text": null, "labels": []}""", "text")]
    [InlineData("""{"text": "a"}""", "labels")]
    [InlineData("""{"text": "a", "labels": null}""", "labels")]
    public void Read_MissingProperty_IsARowThatNamesIt(string line, string property)
    {
        Assert.Equal(property, TableText.Read(line)[0].MissingColumn);
    }

    [Theory]
    [InlineData("""{"text": "a", "labels": ["joi"]}""", "property 'labels' holds 'joi', which is none of the 28 labels (the 28 labels of GoEmotions, there being no labels.txt beside the file). Mend the name, or put the label set as labels.txt beside the file.")]
    [InlineData("""{"text": "a", "labels": ["joy", "joy"]}""", "property 'labels' holds 'joy' twice, expected distinct labels. Remove one of them.")]
    [InlineData("""{"text": "a", "labels": "joy"}""", "property 'labels' holds 'joy', expected an array of label names. Write [\"joy\"].")]
    [InlineData("""{"text": "a", "labels": [17]}""", "property 'labels' holds '17', expected a string. Write it in quotes.")]
    [InlineData("""{"text": 5, "labels": []}""", "property 'text' holds '5', expected a string. Write it in quotes.")]
    [InlineData("""{"text": "a", "text": "b", "labels": []}""", "property 'text' stands twice, expected once. Remove one of them.")]
    [InlineData("""{"text": "a", "labels": [], "unclear": 1}""", "property 'unclear' holds '1', expected true or false. Mend the value.")]
    [InlineData("""{"text": "a", "labels": []""", "the line is not a JSON object at byte 27, expected {\"text\": \"...\", \"labels\": [\"...\"]}. Mend the line.")]
    [InlineData("""{"text": "a", "labels": []} x""", "the line is not a JSON object at byte 29, expected {\"text\": \"...\", \"labels\": [\"...\"]}. Mend the line.")]
    [InlineData("""[1]""", "found '[1]', expected a JSON object {\"text\": \"...\", \"labels\": [\"...\"]}. Write one object a line.")]
    [InlineData("""{"text": "\ud800", "labels": []}""", "'\\ud800' holds half of a surrogate pair, expected Unicode text. Mend the \\u escape.")]
    public void Read_BadLine_NamesLineAndProperty(string line, string message)
    {
        Assert.Equal($"data.csv:3: {message}", TableText.Error("{\"text\": \"first\", \"labels\": []}\n\n" + line));
    }

    [Fact]
    public void Read_OtherTextProperty_IsTakenAsAsked()
    {
        Assert.Equal("hello", TableText.Read("""{"comment": "hello", "labels": []}""", new DatasetReaderOptions { TextColumn = "comment" })[0].Example!.Text);
    }
}
