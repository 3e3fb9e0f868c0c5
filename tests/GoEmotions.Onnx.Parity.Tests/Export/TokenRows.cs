using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>Texts as a padded batch.</summary>
/// <param name="Ids">[texts, sequence], row-major.</param>
/// <param name="Mask">[texts, sequence]: 1 for a token, 0 for padding.</param>
/// <param name="Sequence">The longest text in tokens.</param>
internal sealed record TokenRows(long[] Ids, long[] Mask, int Sequence)
{
    public int Count => Ids.Length / Sequence;

    /// <summary>Tokenizes texts.</summary>
    public static TokenRows Encode(WordPieceTokenizer tokenizer, IReadOnlyList<string> texts)
    {
        int[][] rows = [.. texts.Select(text => tokenizer.Tokenize(text, tokenizer.MaxLength).Select(token => token.Id).ToArray())];
        int sequence = rows.Max(row => row.Length);
        var ids = new long[rows.Length * sequence];
        var mask = new long[ids.Length];
        Array.Fill(ids, tokenizer.PadTokenId);
        for (int row = 0; row < rows.Length; row++)
        {
            for (int column = 0; column < rows[row].Length; column++)
            {
                ids[(row * sequence) + column] = rows[row][column];
                mask[(row * sequence) + column] = 1;
            }
        }

        return new TokenRows(ids, mask, sequence);
    }
}
