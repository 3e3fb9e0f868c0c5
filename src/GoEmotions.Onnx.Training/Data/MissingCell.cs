using System.Text;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>Which cells of a table count as missing: the empty ones and the words that <c>pandas.read_csv</c> takes for missing by default.</summary>
internal static class MissingCell
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
            "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static bool Is(ReadOnlySpan<byte> cell)
    {
        if (cell.IsEmpty)
        {
            return true;
        }

        if (cell.Length == 1 || "#-1<Nn"u8.IndexOf(cell[0]) < 0)
        {
            return false;
        }

        foreach (byte[] word in Words)
        {
            if (cell.SequenceEqual(word))
            {
                return true;
            }
        }

        return false;
    }
}
