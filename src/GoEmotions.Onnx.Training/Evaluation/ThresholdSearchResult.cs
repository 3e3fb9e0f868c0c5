namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>What <see cref="ThresholdSearch"/> found.</summary>
public sealed record ThresholdSearchResult
{
    /// <summary>The thresholds, ready to save.</summary>
    public required LabelThresholds Thresholds { get; init; }

    /// <summary>The choice for each label, in the order of the labels.</summary>
    public required IReadOnlyList<ThresholdChoice> Choices { get; init; }

    /// <summary>The one threshold that maximises micro F1 over all labels together, with that F1.</summary>
    public required ThresholdChoice Pooled { get; init; }

    /// <summary>The names of the labels that got the fallback.</summary>
    public required IReadOnlyList<string> FallbackLabels { get; init; }
}
