using System.Buffers;
using System.Text;
using CsvHelper;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>Recognises the layout of a file by what stands at its start, whatever its name.</summary>
internal static class DatasetFormatDetector
{
    private const int HeadLength = 64 * 1024;

    private static readonly SearchValues<byte> IdCharacters = SearchValues.Create("0123456789,"u8);

    private static readonly (byte[] Mark, string Encoding)[] ForeignByteOrderMarks =
    [
        ([0xFF, 0xFE, 0x00, 0x00], "UTF-32"),
        ([0x00, 0x00, 0xFE, 0xFF], "UTF-32"),
        ([0xFF, 0xFE], "UTF-16"),
        ([0xFE, 0xFF], "UTF-16"),
    ];

    /// <summary>Reads the start of <paramref name="stream"/> and winds it back.</summary>
    public static (DatasetFormat Format, char Separator) Detect(string source, Stream stream, DatasetReaderOptions options)
    {
        byte[] buffer = new byte[(int)Math.Min(HeadLength, stream.Length)];
        ReadOnlyMemory<byte> head = buffer.AsMemory(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        stream.Position = 0;
        RefuseForeignEncoding(source, head.Span);
        if (head.Span.StartsWith("\uFEFF"u8))
        {
            head = head[3..];
        }

        ReadOnlySpan<byte> line = FirstLine(head.Span);
        if (line.IsEmpty)
        {
            Throw.InvalidData($"{source}: the file {(stream.Length == 0 ? "is empty" : "starts with blank lines only")}, expected labelled texts. {Layouts(options)}");
        }

        if (IsGoEmotionsTsv(line))
        {
            return (DatasetFormat.GoEmotionsTsv, '\t');
        }

        if (line.TrimStart(" \t"u8).StartsWith("{"u8))
        {
            return (DatasetFormat.JsonLines, '\0');
        }

        foreach (char separator in ",;\t")
        {
            if (HasTextColumn(head, separator, options.TextColumn))
            {
                return (DatasetFormat.OneHotTable, separator);
            }
        }

        if (line.Count((byte)'\t') is 1 or 2)
        {
            return (DatasetFormat.GoEmotionsTsv, '\t');
        }

        return Throw.InvalidData<(DatasetFormat, char)>($"{source}: the layout of the file is unknown, its first line is {Excerpt.Of(line)}. {Layouts(options)}");
    }

    private static string Layouts(DatasetReaderOptions options) =>
        $"Pass a table with a header and a column '{options.TextColumn}' (or name the text column), the GoEmotions TSV (text, label ids, comment id), or one JSON object a line.";

    private static void RefuseForeignEncoding(string source, ReadOnlySpan<byte> head)
    {
        foreach ((byte[] mark, string encoding) in ForeignByteOrderMarks)
        {
            if (head.StartsWith(mark))
            {
                Throw.InvalidData($"{source}: the file starts with the byte order mark of {encoding}, expected UTF-8. Save it as UTF-8.");
            }
        }
    }

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> head)
    {
        head = head.TrimStart("\r\n"u8);
        int end = head.IndexOfAny((byte)'\r', (byte)'\n');
        return end < 0 ? head : head[..end];
    }

    private static bool IsGoEmotionsTsv(ReadOnlySpan<byte> line)
    {
        int tab = line.IndexOf((byte)'\t');
        if (tab < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = line[(tab + 1)..];
        tab = rest.IndexOf((byte)'\t');
        ReadOnlySpan<byte> ids = tab < 0 ? rest : rest[..tab];
        return (tab < 0 || !rest[(tab + 1)..].Contains((byte)'\t'))
            && !ids.IsEmpty
            && !ids.ContainsAnyExcept(IdCharacters)
            && char.IsAsciiDigit((char)ids[0]);
    }

    private static bool HasTextColumn(ReadOnlyMemory<byte> head, char separator, string textColumn)
    {
        using CsvReader csv = CsvReader.Create(head, TableReading.Options(separator, onMalformedRecord: null));
        if (!csv.Read())
        {
            return false;
        }

        for (int column = 0; column < csv.FieldCount; column++)
        {
            if (string.Equals(Encoding.UTF8.GetString(csv.GetSpan(column)).Trim(), textColumn, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
