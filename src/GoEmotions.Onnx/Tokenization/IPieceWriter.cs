namespace GoEmotions.Onnx.Tokenization;

/// <summary>Takes the pieces of a text in order, as far as there is room.</summary>
internal interface IPieceWriter
{
    /// <summary>The number of pieces written.</summary>
    public int Count { get; }

    /// <summary>Whether no further piece fits.</summary>
    public bool IsFull { get; }

    /// <summary>Whether a piece did not fit.</summary>
    public bool Truncated { get; set; }

    /// <summary>Writes a piece, or notes that it does not fit.</summary>
    public void Write(int id, int start, int end);

    /// <summary>Takes back the pieces from <paramref name="count"/> on, when the rest of their word turns out to be unknown.</summary>
    public void Rewind(int count);
}
