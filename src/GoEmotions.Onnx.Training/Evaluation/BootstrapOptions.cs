namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>How confidence intervals are drawn.</summary>
public sealed record BootstrapOptions
{
    /// <summary>The number of resamples, at least 1.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>The part of the resamples that lies between the ends of an interval, in (0, 1).</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed; the same seed gives the same intervals on every machine, with any number of threads.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>The number of threads, or 0 for one per processor.</summary>
    public int Threads { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Resamples, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        if (!(Confidence is > 0 and < 1))
        {
            Throw.Argument($"'{nameof(Confidence)}' is {Confidence}, expected a number between 0 and 1, as 0.95.", nameof(Confidence));
        }
    }
}
