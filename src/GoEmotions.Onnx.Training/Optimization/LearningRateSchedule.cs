namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>
/// The factor by which a step's learning rate is multiplied: a straight line from 0 to 1 over the warm-up, then what
/// <see cref="Kind"/> says. Equal to the schedules of the same names in Hugging Face's transformers. Immutable and thread-safe.
/// </summary>
public sealed record LearningRateSchedule
{
    /// <summary>What comes after the warm-up.</summary>
    public LearningRateScheduleKind Kind { get; init; } = LearningRateScheduleKind.Constant;

    /// <summary>The number of optimizer steps over which the rate rises to its peak; 0 for none.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>The number of optimizer steps of the whole training. Not used by <see cref="LearningRateScheduleKind.Constant"/>.</summary>
    public int TotalSteps { get; init; }

    /// <summary>The factor in [0, 1] for a step.</summary>
    /// <param name="stepIndex">The number of optimizer steps taken before this one.</param>
    /// <returns>The factor.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="stepIndex"/> is negative.</exception>
    public double FactorAt(int stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        if (stepIndex < WarmupSteps)
        {
            return (double)stepIndex / WarmupSteps;
        }

        double progress = TotalSteps > WarmupSteps ? Math.Min(1, (double)(stepIndex - WarmupSteps) / (TotalSteps - WarmupSteps)) : 1;
        return Kind switch
        {
            LearningRateScheduleKind.Constant => 1,
            LearningRateScheduleKind.Linear => 1 - progress,
            LearningRateScheduleKind.Cosine => 0.5 * (1 + Math.Cos(Math.PI * progress)),
            _ => throw new ArgumentOutOfRangeException(nameof(stepIndex), Kind, $"the schedule {Kind} is unknown."),
        };
    }
}
