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
        if (PositiveWeights is { } weights)
        {
            Check(labels is null || weights.Count == labels, nameof(PositiveWeights), weights.Count, $"{labels} values, one per label");
            foreach (float weight in weights)
            {
                Check(weight > 0 && float.IsFinite(weight), nameof(PositiveWeights), weight, "numbers above 0");
            }
        }

        Check(FocalGamma is 0 or >= 1 && float.IsFinite(FocalGamma), nameof(FocalGamma), FocalGamma, "0, or 1 or more");
        Check(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "a number in [0, 1)");
    }

    private static void Check(bool holds, string name, float value, string expected)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, expected {expected}.");
        }
    }
}
