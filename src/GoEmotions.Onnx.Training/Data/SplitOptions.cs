namespace GoEmotions.Onnx.Training.Data;

/// <summary>How to divide a data set; the defaults are the notebook's 80/20 split.</summary>
public sealed record SplitOptions
{
    /// <summary>The method.</summary>
    public SplitMethod Method { get; init; } = SplitMethod.Random;

    /// <summary>The part of the examples for development, in (0, 1); the number of examples is rounded up.</summary>
    public double DevFraction { get; init; } = 0.2;

    /// <summary>The part of the examples for the test, in [0, 1); 0 for no test set. The number of examples is rounded up.</summary>
    public double TestFraction { get; init; }

    /// <summary>The seed: the same seed gives the same rows on every machine.</summary>
    public long Seed { get; init; } = 42;
}
