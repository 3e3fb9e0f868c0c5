namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>The loss of a multi-label classifier: binary cross-entropy of logits, and what can be added to it.</summary>
public sealed record LossOptions
{
    /// <summary>A factor for the positive part of each label's loss, <c>[labels]</c>, above 0; <see langword="null"/> for none. Against class imbalance.</summary>
    public IReadOnlyList<float>? PositiveWeights { get; init; }

    /// <summary>
    /// Gamma of the focal loss (Lin et al. 2017, Focal Loss for Dense Object Detection, equation 4): the loss of a label is
    /// multiplied by (1 - p)^gamma, p the probability given to the truth. 0 for none; otherwise 1 or more, since below 1 the
    /// gradient grows without bound where p is 1.
    /// </summary>
    public float FocalGamma { get; init; }

    /// <summary>Moves the targets 0 and 1 to s/2 and 1 - s/2; in [0, 1).</summary>
    public float LabelSmoothing { get; init; }

    internal void Validate(long? labels)
    {
        if (PositiveWeights is { } weights && ((labels is { } count && weights.Count != count) || weights.Any(weight => !(weight > 0) || !float.IsFinite(weight))))
        {
            throw new ArgumentException($"{nameof(PositiveWeights)} has {weights.Count} values, expected {labels?.ToString() ?? "one per label"}, each above 0.", nameof(PositiveWeights));
        }

        if (FocalGamma is not (0 or >= 1) || !float.IsFinite(FocalGamma))
        {
            throw new ArgumentOutOfRangeException(nameof(FocalGamma), FocalGamma, $"{nameof(FocalGamma)} is {FocalGamma}, expected 0, or 1 or more.");
        }

        if (LabelSmoothing is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(LabelSmoothing), LabelSmoothing, $"{nameof(LabelSmoothing)} is {LabelSmoothing}, expected a number in [0, 1).");
        }
    }
}
