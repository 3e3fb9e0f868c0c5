namespace GoEmotions.Onnx;

/// <summary>How an <see cref="EmotionClassifier"/> runs. Checked once, when the classifier is made.</summary>
public sealed record EmotionClassifierOptions
{
    /// <summary>
    /// The longest sequence in tokens, [CLS] and [SEP] included; longer texts are cut. <see langword="null"/> (the
    /// default) takes the smaller of what tokenizer and encoder allow, and at most 512.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// The largest batch in padded tokens (texts x longest text). More texts than fit are scored in several batches; a
    /// single text longer than this is still scored, alone.
    /// </summary>
    public int MaxBatchTokens { get; init; } = 4096;

    /// <summary>
    /// The threads that one run uses; <see langword="null"/> (the default) takes the processors that this process may
    /// use (<see cref="Environment.ProcessorCount"/>, which heeds affinity and the container's CPU limit).
    /// </summary>
    public int? IntraOpThreads { get; init; }

    internal void Validate()
    {
        ThrowIfLess(MaxLength, 2, nameof(MaxLength));
        ThrowIfLess(MaxBatchTokens, 2, nameof(MaxBatchTokens));
        ThrowIfLess(IntraOpThreads, 1, nameof(IntraOpThreads));
    }

    private static void ThrowIfLess(int? value, int minimum, string name)
    {
        if (value < minimum)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, expected {minimum} or more.");
        }
    }
}
