namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>How thresholds are searched.</summary>
public sealed record ThresholdSearchOptions
{
    /// <summary>The name of the split that the scores are of, kept in <c>thresholds.json</c>.</summary>
    public string Split { get; init; } = "dev";

    /// <summary>A label with fewer positives than this gets the fallback, at least 1.</summary>
    public int MinimumPositives { get; init; } = 10;

    /// <summary>What such a label gets.</summary>
    public ThresholdFallback Fallback { get; init; } = ThresholdFallback.Pooled;

    /// <summary>
    /// The fixed threshold of <see cref="ThresholdFallback.Fixed"/>, in [0, 1]. Among thresholds of equal F1, the one nearest to it is taken.
    /// </summary>
    public float DefaultThreshold { get; init; } = 0.5f;

    internal void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Split);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumPositives, 1);
        if (!Enum.IsDefined(Fallback))
        {
            Throw.Argument($"'{nameof(Fallback)}' is {(int)Fallback}, expected {ThresholdFallback.Pooled} or {ThresholdFallback.Fixed}.", nameof(Fallback));
        }

        if (!(DefaultThreshold is >= 0f and <= 1f))
        {
            Throw.Argument($"'{nameof(DefaultThreshold)}' is {DefaultThreshold}, expected a probability in [0, 1].", nameof(DefaultThreshold));
        }
    }
}
