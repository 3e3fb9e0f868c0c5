namespace GoEmotions.Onnx.Batching;

/// <summary>How a <see cref="MicroBatcher"/> gathers requests. Checked once, when it is made.</summary>
public sealed record MicroBatcherOptions
{
    /// <summary>
    /// How long the oldest request waits for others while a batch is not full: 1 ms by default, to the millisecond above;
    /// zero never waits. Requests that arrive during a run wait for its end in any case, and are scored together then.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// The most tokens that wait; a request that does not fit is refused. <see langword="null"/> (the default): 64 times
    /// <see cref="EmotionClassifierOptions.MaxBatchTokens"/>.
    /// </summary>
    public int? MaxQueueTokens { get; init; }

    internal void Validate(int maxTextTokens)
    {
        if (MaxDelay < TimeSpan.Zero || MaxDelay > TimeSpan.FromMinutes(1))
        {
            throw new ArgumentOutOfRangeException(null, MaxDelay, $"MaxDelay is {MaxDelay}, expected zero to a minute.");
        }

        if (MaxQueueTokens < maxTextTokens)
        {
            throw new ArgumentOutOfRangeException(null, MaxQueueTokens, $"MaxQueueTokens is {MaxQueueTokens}, expected at least {maxTextTokens}, the tokens of the longest text.");
        }
    }
}
