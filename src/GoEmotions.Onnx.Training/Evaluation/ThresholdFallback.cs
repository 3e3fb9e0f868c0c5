namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>What a label with too few positives gets instead of a threshold of its own.</summary>
public enum ThresholdFallback
{
    /// <summary>The threshold that maximises micro F1 over all labels together.</summary>
    Pooled,

    /// <summary>The fixed threshold of the options.</summary>
    Fixed,
}
