using CsvHelper;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>How CsvHelper reads the three layouts: line numbers kept, nothing trimmed, nothing guessed.</summary>
internal static class TableReading
{
    /// <summary>A separator that no JSON text contains unescaped (RFC 8259, section 7), so that a line is one cell.</summary>
    public const char NoSeparator = '\u001F';

    /// <summary>The longest row in bytes; a longer one has a quote that is never closed.</summary>
    public const int MaxRowLength = 16 * 1024 * 1024;

    public static CsvReaderOptions Options(char separator, Action<CsvMalformedRecord>? onMalformedRecord) => new()
    {
        Separator = separator,
        Mode = CsvMode.Rfc4180,
        HasHeader = false,
        DetectSeparatorHint = false,
        TrackLineNumbers = true,
        MaxRecordSize = MaxRowLength,
        OnMalformedRecord = onMalformedRecord,
    };

    /// <summary>Every quote is an ordinary character and every line is a row.</summary>
    public static CsvReaderOptions WithoutQuotes(char separator) => Options(separator, onMalformedRecord: null) with { Mode = CsvMode.NoEscape };
}
