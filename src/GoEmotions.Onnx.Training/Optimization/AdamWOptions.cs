namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>The constants of AdamW (Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization, algorithm 2).</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the first moment, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment; whether that is bias-corrected before depends on <see cref="Mode"/>.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay; not applied to biases and LayerNorm.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Whose update it is.</summary>
    public AdamWMode Mode { get; init; } = AdamWMode.PyTorch;

    internal void Validate()
    {
        Check(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "a number in [0, 1)");
        Check(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "a number in [0, 1)");
        Check(Epsilon > 0 && double.IsFinite(Epsilon), nameof(Epsilon), Epsilon, "a number above 0");
        Check(Enum.IsDefined(Mode), nameof(Mode), (int)Mode, "a known mode");
        Check(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "0 or more");
    }

    private static void Check(bool holds, string name, double value, string expected)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, expected {expected}.");
        }
    }
}
