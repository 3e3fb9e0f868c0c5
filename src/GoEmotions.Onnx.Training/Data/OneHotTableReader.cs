using System.Text;
using CsvHelper;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>Reads a table with a header, a text column and one column of 0 and 1 for each label.</summary>
internal sealed class OneHotTableReader : DatasetReader
{
    private readonly TableColumns _columns;
    private readonly MalformedLine _malformed;

    private OneHotTableReader(string source, Stream stream, CsvReader rows, TableColumns columns, MalformedLine malformed)
        : base(source, DatasetFormat.OneHotTable, stream, rows)
    {
        _columns = columns;
        _malformed = malformed;
    }

    /// <summary>Looks at the first rows to find the columns, winds back, and stands before the first row.</summary>
    public static OneHotTableReader Create(string source, char separator, Stream stream, DatasetReaderOptions options)
    {
        TableColumns columns;
        using (CsvReader head = CsvReader.Create(stream, TableReading.Options(separator, onMalformedRecord: null), leaveOpen: true))
        {
            try
            {
                columns = TableColumns.Find(source, head, options);
            }
            catch (CsvFormatException error)
            {
                throw RowTooLong(source, error);
            }
        }

        stream.Position = 0;
        var malformed = new MalformedLine();
        CsvReader rows = CsvReader.Create(stream, TableReading.Options(separator, malformed.Set), leaveOpen: true);
        var reader = new OneHotTableReader(source, stream, rows, columns, malformed) { Labels = columns.Labels, LabelsSource = "the columns of the table" };
        for (int column = 0; column < columns.Names.Length; column++)
        {
            if (columns.Roles[column] == ColumnRole.Ignored)
            {
                reader.Ignored.Add(columns.Names[column]);
            }
        }

        try
        {
            if (reader.MoveNext())
            {
                reader.RefuseFaults(out _);
            }

            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private protected override bool TryParseRow(out DatasetRow row)
    {
        row = default;
        string[] names = _columns.Names;
        if (RefuseFaults(out int cutColumn))
        {
            row = new DatasetRow(LineNumber, names[Math.Min(cutColumn, names.Length - 1)]);
            return true;
        }

        int columnCount = Rows.FieldCount;
        if (columnCount > names.Length)
        {
            Fail($"found {columnCount} columns, expected {names.Length} as in the header. Put texts that hold a separator in quotes");
        }

        if (columnCount < names.Length)
        {
            if (columnCount == 1 && Rows.RawRecord.Trim(" \t"u8).IsEmpty)
            {
                return false;
            }

            row = new DatasetRow(LineNumber, FirstMissing(columnCount));
            return true;
        }

        row = ParseCells();
        return true;
    }

    /// <summary>A missing cell comes before a wrong one, as the notebook drops incomplete rows before it converts cells.</summary>
    private DatasetRow ParseCells()
    {
        string? text = null;
        string? id = null;
        LabelSet labels = default;
        bool isUnclear = false;
        int wrongColumn = -1;
        ColumnRole[] roles = _columns.Roles;
        for (int column = 0; column < roles.Length; column++)
        {
            ColumnRole role = roles[column];
            if (role == ColumnRole.Ignored)
            {
                continue;
            }

            ReadOnlySpan<byte> cell = Rows.GetSpan(column);
            if (MissingCell.Is(cell))
            {
                return new DatasetRow(LineNumber, _columns.Names[column]);
            }

            if (role is ColumnRole.Label or ColumnRole.Unclear)
            {
                if (!LabelCell.TryParse(cell, out bool value))
                {
                    wrongColumn = wrongColumn < 0 ? column : wrongColumn;
                }
                else if (value && role == ColumnRole.Label)
                {
                    labels = labels.Add(_columns.LabelIndices[column]);
                }
                else
                {
                    isUnclear |= value;
                }
            }
            else if (role == ColumnRole.Text)
            {
                text = Encoding.UTF8.GetString(cell);
            }
            else if (role == ColumnRole.Id)
            {
                id = Encoding.UTF8.GetString(cell);
            }
        }

        if (wrongColumn >= 0)
        {
            Fail($"column '{_columns.Names[wrongColumn]}' ({wrongColumn + 1}) holds {Excerpt.Of(Rows.GetSpan(wrongColumn))}, expected {LabelCell.Expected}. Mend the cell, or name the column as one to ignore");
        }

        return new DatasetRow(new EmotionExample { Text = text!, Labels = labels, Id = id, IsUnclear = isUnclear, Source = Source, LineNumber = LineNumber });
    }

    /// <summary>The first empty cell of a row that ends early, or the first column that it lacks.</summary>
    private string FirstMissing(int columnCount)
    {
        for (int column = 0; column < columnCount; column++)
        {
            if (_columns.Roles[column] != ColumnRole.Ignored && MissingCell.Is(Rows.GetSpan(column)))
            {
                return _columns.Names[column];
            }
        }

        return _columns.Names[columnCount];
    }

    /// <summary>
    /// Throws on quotes that make the cells doubtful. True for a quote that the end of the file leaves open in the same line: a file cut in
    /// its last row, whose other rows are whole.
    /// </summary>
    private bool RefuseFaults(out int columnIndex)
    {
        columnIndex = 0;
        if (_malformed.LineNumber != LineNumber)
        {
            return false;
        }

        ReadOnlySpan<byte> row = Rows.RawRecord;
        switch (QuoteScanner.Find(row, Rows.Separator, out columnIndex, out int start))
        {
            case QuoteFault.TextAfterQuote:
                Fail($"column {columnIndex + 1} has text after its closing quote: {Excerpt.Of(row[start..])}, expected a separator. Double the quotes inside the cell");
                return false;
            case QuoteFault.NeverClosed when row[start..].ContainsAny((byte)'\r', (byte)'\n'):
                Fail($"column {columnIndex + 1} opens a quote that is never closed: {Excerpt.Of(row[start..])}, expected a closing quote before the end of the file. Close or double the quote");
                return false;
            case QuoteFault.NeverClosed:
                return true;
            default:
                return false;
        }
    }

    /// <summary>The line of the last row that CsvHelper found fault with.</summary>
    private sealed class MalformedLine
    {
        public long LineNumber { get; private set; }

        public void Set(CsvMalformedRecord row) => LineNumber = row.LineNumber;
    }
}
