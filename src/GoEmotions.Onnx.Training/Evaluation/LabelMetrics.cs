namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>The metrics of one label. Immutable.</summary>
public sealed record LabelMetrics
{
    /// <summary>The label's name.</summary>
    public required string Name { get; init; }

    /// <summary>The threshold its decisions were made with, in [0, 1].</summary>
    public required float Threshold { get; init; }

    /// <summary>The outcomes of its decisions, with precision, recall and F1.</summary>
    public required DecisionCounts Counts { get; init; }

    /// <summary>The area under the ROC curve of its scores, in [0, 1]; null unless both classes occur.</summary>
    public required double? RocAuc { get; init; }

    /// <summary>Average precision of its scores, in [0, 1]; null when the label has no positive.</summary>
    public required double? AveragePrecision { get; init; }

    /// <summary>The reliability diagram of its scores.</summary>
    public required Calibration Calibration { get; init; }
}
