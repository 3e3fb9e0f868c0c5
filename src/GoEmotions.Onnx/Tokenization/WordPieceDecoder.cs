using System.Text;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>Joins pieces to text, as the WordPiece decoder of Hugging Face's tokenizers with clean-up.</summary>
internal static class WordPieceDecoder
{
    /// <summary>Appends one piece; the clean-up looks at one piece at a time, with the space before it.</summary>
    public static void Append(StringBuilder text, string piece, string continuingPrefix, bool first)
    {
        if (!first)
        {
            piece = piece.StartsWith(continuingPrefix, StringComparison.Ordinal) ? piece[continuingPrefix.Length..] : ' ' + piece;
        }

        text.Append(CleanUp(piece));
    }

    private static string CleanUp(string piece)
    {
        if (!piece.Contains(' ', StringComparison.Ordinal))
        {
            return piece;
        }

        return piece
            .Replace(" .", ".", StringComparison.Ordinal)
            .Replace(" ?", "?", StringComparison.Ordinal)
            .Replace(" !", "!", StringComparison.Ordinal)
            .Replace(" ,", ",", StringComparison.Ordinal)
            .Replace(" ' ", "'", StringComparison.Ordinal)
            .Replace(" n't", "n't", StringComparison.Ordinal)
            .Replace(" 'm", "'m", StringComparison.Ordinal)
            .Replace(" do not", " don't", StringComparison.Ordinal)
            .Replace(" 's", "'s", StringComparison.Ordinal)
            .Replace(" 've", "'ve", StringComparison.Ordinal)
            .Replace(" 're", "'re", StringComparison.Ordinal);
    }
}
