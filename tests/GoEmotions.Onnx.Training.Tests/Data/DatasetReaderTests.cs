using System.Text;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class DatasetReaderTests
{
    private const string Layouts = "Pass a table with a header and a column 'text' (or name the text column), the GoEmotions TSV (text, label ids, comment id), or one JSON object a line.";

    [Theory]
    [InlineData("text,happy\nhello,1\n", DatasetFormat.OneHotTable)]
    [InlineData("happy;Text\n1;hello\n", DatasetFormat.OneHotTable)]
    [InlineData("text\thappy\nhello\t1\n", DatasetFormat.OneHotTable)]
    [InlineData("\"text\",\"happy\"\nhello,1\n", DatasetFormat.OneHotTable)]
    [InlineData("hello, there\t3\tabc\n", DatasetFormat.GoEmotionsTsv)]
    [InlineData("hello\t3,17\n", DatasetFormat.GoEmotionsTsv)]
    [InlineData("text\t3\tabc\n", DatasetFormat.GoEmotionsTsv)]
    [InlineData("{\"a\": 1}\t3\tabc\n", DatasetFormat.GoEmotionsTsv)]
    [InlineData("\n\n  {\"text\": \"hello\", \"labels\": []}\n", DatasetFormat.JsonLines)]
    public void Open_AnyLayout_IsRecognisedByContent(string content, DatasetFormat expected)
    {
        using DatasetReader reader = TableText.Open(content);
        Assert.Equal(expected, reader.Format);
        Assert.Single(TableText.Rest(reader));
    }

    [Fact]
    public void Open_NameThatMisleads_IsIgnored()
    {
        using var folder = new TemporaryFolder();
        using DatasetReader reader = DatasetReader.Open(folder.Write("data.jsonl", "text,happy\nhello,1\n"));
        Assert.Equal(DatasetFormat.OneHotTable, reader.Format);
    }

    [Fact]
    public void Open_EmptyFile_SaysSo()
    {
        Assert.Equal($"data.csv: the file is empty, expected labelled texts. {Layouts}", TableText.Error(""));
        Assert.Equal($"data.csv: the file starts with blank lines only, expected labelled texts. {Layouts}", TableText.Error("\uFEFF\n\r\n"));
    }

    [Fact]
    public void Open_UnknownLayout_ShowsTheFirstLine()
    {
        Assert.Equal($"data.csv: the layout of the file is unknown, its first line is '[1, 2]'. {Layouts}", TableText.Error("[1, 2]\n"));
        Assert.Contains("its first line is 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'.", TableText.Error(new string('a', 100_000)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public void Open_OtherUnicodeEncoding_IsRefused(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] content = [.. encoding.Preamble, .. encoding.GetBytes("text,happy\nhello,1\n")];
        string message = Assert.Throws<InvalidDataException>(() => TableText.Read(content)).Message;
        Assert.Equal($"data.csv: the file starts with the byte order mark of {name[..6].ToUpperInvariant()}, expected UTF-8. Save it as UTF-8.", message);
    }

    [Theory]
    [InlineData("text,happy\nhello,1\nhe\u0001llo,0\n")]
    [InlineData("hello\t1\tx\nhe\u0001llo\t0\tx\n")]
    [InlineData("{\"text\":\"hello\",\"labels\":[]}\n\n{\"text\":\"h\u0001\",\"labels\":[]}\n")]
    public void Read_InvalidUtf8_NamesLineAndByte(string content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        int position = Array.IndexOf(bytes, (byte)1);
        bytes[position] = 0xE9;
        int line = bytes.AsSpan(0, position).Count((byte)'\n') + 1;
        int column = position - bytes.AsSpan(0, position).LastIndexOf((byte)'\n');
        string message = Assert.Throws<InvalidDataException>(() => TableText.Read(bytes)).Message;
        Assert.Equal($"data.csv:{line}: the row is not valid UTF-8 at byte {column}, expected UTF-8. Save the file as UTF-8.", message);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Read_ByteOrderMarkAndLineEndings_ChangeNothing(string lineEnding)
    {
        foreach (string content in new[] { "text,happy\none,1\ntwo,0\n", "one\t1\ta\ntwo\t0\tb\n", "{\"text\":\"one\",\"labels\":[]}\n{\"text\":\"two\",\"labels\":[]}\n" })
        {
            foreach (string text in new[] { content, "\uFEFF" + content, content.TrimEnd(), content + "\n \n" })
            {
                List<DatasetRow> rows = TableText.Read(text.Replace("\n", lineEnding, StringComparison.Ordinal));
                Assert.Equal(["one", "two"], rows.Select(row => row.Example?.Text));
                int header = content.StartsWith("text", StringComparison.Ordinal) ? 1 : 0;
                Assert.Equal([header + 1, header + 2], rows.Select(row => row.LineNumber));
            }
        }
    }

    [Fact]
    public void Read_MixedLineEndings_AreAllEnds()
    {
        Assert.Equal([2, 3, 5, 6], TableText.Read("text,happy\r\na,1\rb,0\n\r\nc,1\nd,0").Select(row => row.LineNumber));
    }

    [Fact]
    public void Open_LabelsBesideTheFile_AreUsedAndNamed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("labels.txt", "calm\nangry\n");
        using DatasetReader tsv = DatasetReader.Open(folder.Write("a.tsv", "hello\t1\tx\n"));
        using DatasetReader json = DatasetReader.Open(folder.Write("a.jsonl", "{\"text\": \"hello\", \"labels\": [\"angry\"]}\n"));
        Assert.Equal(EmotionLabels.Create("calm", "angry"), tsv.Labels);
        Assert.Equal(tsv.Labels, json.Labels);
        Assert.Equal($"{folder["labels.txt"]} beside the file", tsv.LabelsSource);
        Assert.True(tsv.Read(out DatasetRow row) && row.Example!.Labels == LabelSet.Create(1));
        Assert.True(json.Read(out row) && row.Example!.Labels == LabelSet.Create(1));
    }

    [Fact]
    public void Open_NoLabelsBesideTheFile_TakesGoEmotionsAndSaysSo()
    {
        using DatasetReader reader = TableText.Open("hello\t27\tx\n");
        Assert.Equal(EmotionLabels.GoEmotions, reader.Labels);
        Assert.Equal("the 28 labels of GoEmotions, there being no labels.txt beside the file", reader.LabelsSource);
    }

    [Fact]
    public void Open_MissingFile_IsAnIOException()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<FileNotFoundException>(() => DatasetReader.Open(folder["none.csv"]));
        Assert.Throws<ArgumentException>(() => DatasetReader.Open(""));
        string message = Assert.Throws<InvalidDataException>(() => DatasetReader.Open(folder.Root)).Message;
        Assert.Equal($"{folder.Root}: found a folder, expected a file. Name the files in it.", message);
    }

    [Fact]
    public void Read_Disposed_IsRefused()
    {
        DatasetReader reader = TableText.Open("text,happy\nhello,1\n");
        reader.Dispose();
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.Read(out _));
    }

    [Fact]
    public void Open_LongFirstLine_IsCutBetweenCharacters()
    {
        Assert.Contains($"its first line is '{string.Concat(Enumerable.Repeat("😀", 40))}...'.", TableText.Error(string.Concat(Enumerable.Repeat("😀", 41))), StringComparison.Ordinal);
        Assert.Contains($"its first line is '{string.Concat(Enumerable.Repeat("😀", 40))}'.", TableText.Error(string.Concat(Enumerable.Repeat("😀", 40))), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BadFile_IsClosedAgain()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("bad.csv", "nothing\n");
        Assert.Throws<InvalidDataException>(() => DatasetReader.Open(path));
        using FileStream exclusive = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }
}
