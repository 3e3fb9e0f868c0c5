using System.Text;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

/// <summary>Small files of labelled texts in memory, and what a reader makes of them.</summary>
internal static class TableText
{
    public const string Source = "data.csv";

    public static readonly string GoEmotionsHeader = "id,text,example_very_unclear," + string.Join(',', EmotionLabels.GoEmotions);

    /// <summary>A row of the notebook's CSV with 1 at some labels.</summary>
    public static string Row(string id, string text, params int[] labels) =>
        $"{id},{text},FALSE,{string.Join(',', Enumerable.Range(0, 28).Select(label => labels.Contains(label) ? 1 : 0))}";

    public static DatasetReader Open(ReadOnlySpan<byte> content, DatasetReaderOptions? options = null, string source = Source) =>
        DatasetReader.Open(source, new MemoryStream(content.ToArray()), options ?? new DatasetReaderOptions());

    public static DatasetReader Open(string content, DatasetReaderOptions? options = null, string source = Source) =>
        Open(Encoding.UTF8.GetBytes(content), options, source);

    public static List<DatasetRow> Read(ReadOnlySpan<byte> content, DatasetReaderOptions? options = null)
    {
        using DatasetReader reader = Open(content, options);
        return Rest(reader);
    }

    public static List<DatasetRow> Read(string content, DatasetReaderOptions? options = null) => Read(Encoding.UTF8.GetBytes(content), options);

    public static List<DatasetRow> Rest(DatasetReader reader)
    {
        var rows = new List<DatasetRow>();
        while (reader.Read(out DatasetRow row))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The message of the error that reading a file gives.</summary>
    public static string Error(string content, DatasetReaderOptions? options = null) =>
        Assert.Throws<InvalidDataException>(() => Read(content, options)).Message;

    /// <summary>A cell as RFC 4180 writes it, always in quotes.</summary>
    public static string Quote(string cell) => $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
