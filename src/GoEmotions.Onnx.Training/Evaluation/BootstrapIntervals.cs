namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>Confidence intervals from <see cref="Bootstrap"/>. They hold for new rows of the same kind; model and thresholds stay as they are.</summary>
public sealed record BootstrapIntervals
{
    /// <summary>How they were drawn.</summary>
    public required BootstrapOptions Options { get; init; }

    /// <summary>Of micro F1.</summary>
    public required ConfidenceInterval MicroF1 { get; init; }

    /// <summary>Of macro F1.</summary>
    public required ConfidenceInterval MacroF1 { get; init; }

    /// <summary>Of F1 weighted by support.</summary>
    public required ConfidenceInterval WeightedF1 { get; init; }

    /// <summary>Of subset accuracy.</summary>
    public required ConfidenceInterval SubsetAccuracy { get; init; }

    /// <summary>Of each label's F1, in the order of the labels.</summary>
    public required IReadOnlyList<ConfidenceInterval> PerLabelF1 { get; init; }
}
