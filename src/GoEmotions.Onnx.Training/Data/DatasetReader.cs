using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>
/// Reads labelled texts row by row from a file whose layout is recognised by its content (<see cref="DatasetFormat"/>).
/// Every row of the file comes out, as an example or as a row with a missing cell; what is neither is an error.
/// Not thread-safe; the file stays open until <see cref="Dispose"/>.
/// </summary>
public abstract class DatasetReader : IDisposable
{
    private readonly Stream _stream;

    private protected DatasetReader(string source, DatasetFormat format, Stream stream, CsvReader rows)
    {
        Source = source;
        Format = format;
        Rows = rows;
        _stream = stream;
    }

    /// <summary>The file that is read.</summary>
    public string Source { get; }

    /// <summary>The layout that was recognised.</summary>
    public DatasetFormat Format { get; }

    /// <summary>The labels that the indices of <see cref="EmotionExample.Labels"/> mean.</summary>
    public required EmotionLabels Labels { get; init; }

    /// <summary>Where <see cref="Labels"/> come from, in words.</summary>
    public required string LabelsSource { get; init; }

    /// <summary>The columns or properties seen so far that are neither text, id nor label, in the order found.</summary>
    public IReadOnlyList<string> IgnoredColumns => Ignored;

    private protected CsvReader Rows { get; }

    private protected List<string> Ignored { get; } = [];

    /// <summary>The line where the current row starts, from 1.</summary>
    private protected int LineNumber => (int)Rows.LineNumber;

    /// <summary>Opens a file and reads as much of it as shows its layout and labels.</summary>
    /// <param name="path">The file: UTF-8, with or without a byte order mark, any line endings.</param>
    /// <param name="options">How to understand the file; <see langword="null"/> for the defaults.</param>
    /// <returns>The reader, before the first row.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The layout is unknown, or the header or the label set is not what it should be.</exception>
    public static DatasetReader Open(string path, DatasetReaderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            Throw.InvalidData($"{path}: found a folder, expected a file. Name the files in it.");
        }

        // A buffer of 1: CsvHelper buffers the file itself.
        return Open(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan), options ?? new DatasetReaderOptions());
    }

    /// <summary>Opens a stream that can be wound back; the reader owns it, also when opening fails.</summary>
    internal static DatasetReader Open(string source, Stream stream, DatasetReaderOptions options)
    {
        try
        {
            if (!stream.CanSeek)
            {
                Throw.InvalidData($"{source}: the input cannot be wound back, expected a file. Save the data to a file first.");
            }

            (DatasetFormat format, char separator) = DatasetFormatDetector.Detect(source, stream, options);
            return format switch
            {
                DatasetFormat.OneHotTable => OneHotTableReader.Create(source, separator, stream, options),
                DatasetFormat.GoEmotionsTsv => GoEmotionsTsvReader.Create(source, stream, options),
                _ => JsonLinesReader.Create(source, stream, options),
            };
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next row.</summary>
    /// <param name="row">The row, or the default at the end of the file.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidDataException">The row is malformed, or holds a label or a label value that is unknown.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed of.</exception>
    public bool Read(out DatasetRow row)
    {
        while (MoveNext())
        {
            if (TryParseRow(out row))
            {
                return true;
            }
        }

        row = default;
        return false;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Rows.Dispose();
        _stream.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Turns the current row into a <see cref="DatasetRow"/>; <see langword="false"/> for a line of white space, which is no row.</summary>
    private protected abstract bool TryParseRow(out DatasetRow row);

    /// <summary>Moves to the next row and checks that it is UTF-8.</summary>
    private protected bool MoveNext()
    {
        try
        {
            if (!Rows.Read())
            {
                return false;
            }
        }
        catch (CsvFormatException error)
        {
            throw RowTooLong(Source, error);
        }

        if (!Utf8.IsValid(Rows.RawRecord))
        {
            Fail($"the row is not valid UTF-8 at byte {InvalidByteNumber(Rows.RawRecord)}, expected UTF-8. Save the file as UTF-8");
        }

        return true;
    }

    /// <summary>Throws an error about the current row; <paramref name="message"/> has no full stop.</summary>
    [DoesNotReturn]
    private protected void Fail(string message) => Throw.InvalidData($"{Source}:{LineNumber}: {message}.");

    private protected static InvalidDataException RowTooLong(string source, CsvFormatException error) =>
        new($"{source}:{error.LineNumber}: the row is longer than {TableReading.MaxRowLength} bytes, expected a comment. Close the quote that opens in it.", error);

    private static int InvalidByteNumber(ReadOnlySpan<byte> bytes)
    {
        int position = 0;
        while (Rune.DecodeFromUtf8(bytes[position..], out _, out int length) == OperationStatus.Done)
        {
            position += length;
        }

        return position + 1;
    }
}
