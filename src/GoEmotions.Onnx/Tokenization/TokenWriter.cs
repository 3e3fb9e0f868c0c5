namespace GoEmotions.Onnx.Tokenization;

/// <summary>Collects pieces with their offsets.</summary>
internal sealed class TokenWriter(WordPieceTokenizer tokenizer, int limit) : IPieceWriter
{
    public List<Token> Tokens { get; } = [];

    public int Count => Tokens.Count;

    public bool IsFull => Tokens.Count >= limit;

    public bool Truncated { get; set; }

    public void Write(int id, int start, int end)
    {
        if (IsFull)
        {
            Truncated = true;
        }
        else
        {
            Tokens.Add(new Token(tokenizer.GetPiece(id), id, start, end));
        }
    }

    public void Rewind(int count)
    {
        Tokens.RemoveRange(count, Tokens.Count - count);
        Truncated = false;
    }
}
