namespace GoEmotions.Onnx.Training.Data;

/// <summary>Finds what is wrong with the quotes of a row that CsvHelper reported (it reports only the first of several faults).</summary>
internal static class QuoteScanner
{
    /// <summary>Finds the first fault that changes what the cells hold; a quote inside an unquoted cell is an ordinary character.</summary>
    /// <param name="row">The row as it stands in the file.</param>
    /// <param name="separator">The character between cells.</param>
    /// <param name="columnIndex">The column of the fault.</param>
    /// <param name="start">Where its cell starts in <paramref name="row"/>.</param>
    /// <returns>The fault.</returns>
    public static QuoteFault Find(ReadOnlySpan<byte> row, char separator, out int columnIndex, out int start)
    {
        columnIndex = 0;
        start = 0;
        while (start < row.Length)
        {
            int end = start;
            if (row[start] == '"')
            {
                end = ClosingQuote(row, start + 1);
                if (end < 0)
                {
                    return QuoteFault.NeverClosed;
                }

                end++;
                if (end < row.Length && row[end] != separator)
                {
                    return QuoteFault.TextAfterQuote;
                }
            }

            int length = row[end..].IndexOf((byte)separator);
            if (length < 0)
            {
                return QuoteFault.None;
            }

            start = end + length + 1;
            columnIndex++;
        }

        return QuoteFault.None;
    }

    /// <summary>The index of the quote that closes a cell, doubled quotes inside it passed over; -1 where there is none.</summary>
    private static int ClosingQuote(ReadOnlySpan<byte> row, int position)
    {
        while (true)
        {
            int offset = row[position..].IndexOf((byte)'"');
            if (offset < 0)
            {
                return -1;
            }

            position += offset;
            if (position + 1 == row.Length || row[position + 1] != '"')
            {
                return position;
            }

            position += 2;
        }
    }
}
