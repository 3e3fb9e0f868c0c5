namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>How thresholds are searched.</summary>
public sealed record ThresholdSearchOptions
{
    /// <summary>The name of the split that the scores are of, kept in <c>thresholds.json</c>.</summary>
    public string Split { get; init; } = "dev";

    /// <summary>What makes a label's threshold the best one. What either brings is in <c>docs/recipe.md</c>.</summary>
    public ThresholdMethod Method { get; init; }

    /// <summary>
    /// A label with fewer positives than this gets the fallback, at least 1. The default is where, on simulated labels,
    /// a threshold of their own begins to give a higher F1 on new rows than the pooled one (<c>docs/evaluation.md</c>).
    /// </summary>
    public int MinimumPositives { get; init; } = 5;

    /// <summary>What such a label gets.</summary>
    public ThresholdFallback Fallback { get; init; } = ThresholdFallback.Pooled;

    /// <summary>
    /// The fixed threshold of <see cref="ThresholdFallback.Fixed"/>, in [0, 1]. Among thresholds of equal F1, the one nearest to it is taken.
    /// </summary>
    public float DefaultThreshold { get; init; } = 0.5f;

    /// <summary>
    /// How many positives the pooled threshold is worth: a label with P positives gets the mean of both thresholds, on the logit scale,
    /// with weights P and this. 0, the default, keeps the thresholds that are best on the given scores; 5 gave rare labels
    /// a little more on new rows (<c>docs/evaluation.md</c>).
    /// </summary>
    public double PriorPositives { get; init; }

    internal void Check()
    {
        if (!(PriorPositives is >= 0 and < double.PositiveInfinity))
        {
            Throw.Argument($"'{nameof(PriorPositives)}' is {PriorPositives}, expected a number from 0 on.", nameof(PriorPositives));
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(Split);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumPositives, 1);
        if (!Enum.IsDefined(Method))
        {
            Throw.Argument($"'{nameof(Method)}' is {(int)Method}, expected {ThresholdMethod.HighestF1} or {ThresholdMethod.ExpectedF1}.", nameof(Method));
        }

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
