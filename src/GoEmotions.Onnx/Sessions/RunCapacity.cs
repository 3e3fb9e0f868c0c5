namespace GoEmotions.Onnx.Sessions;

/// <summary>The largest run that a <see cref="RunContext"/> holds.</summary>
/// <param name="Tokens">Tokens, padding not counted.</param>
/// <param name="Area">Tokens, padding included: texts x longest text.</param>
/// <param name="Rows">Texts.</param>
internal readonly record struct RunCapacity(int Tokens, int Area, int Rows)
{
    /// <summary>The capacity for texts of at most <paramref name="maxLength"/> tokens, in batches of <paramref name="maxBatchTokens"/>.</summary>
    /// <remarks>
    /// A packed graph pads around attention alone: its batches are bounded by their tokens, and what is padded by twice that.
    /// </remarks>
    public static RunCapacity Create(int maxBatchTokens, int maxLength, bool isPacked)
    {
        int tokens = int.Max(maxBatchTokens, maxLength);

        // A row has [CLS] and [SEP] at least.
        return new RunCapacity(tokens, isPacked ? checked(tokens * 2) : tokens, tokens / 2);
    }

    /// <summary>Whether a batch fits.</summary>
    public bool Fits(int rows, int sequenceLength, int tokenCount) => rows <= Rows && tokenCount <= Tokens && (long)rows * sequenceLength <= Area;

    /// <summary>The elements of an input.</summary>
    public int Of(InputExtent extent) => extent switch { InputExtent.Area => Area, InputExtent.Tokens => Tokens, _ => Rows };
}
