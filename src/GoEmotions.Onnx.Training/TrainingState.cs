namespace GoEmotions.Onnx.Training;

/// <summary>
/// Where a training stands, between two optimizer steps: with parameters, moments and best parameters, all that it takes to go on.
/// What is random (shuffles, dropout) is a function of the seed and of counters that follow from <see cref="StepNumber"/>. Immutable.
/// </summary>
public sealed record TrainingState
{
    /// <summary>A training before its first step.</summary>
    public static TrainingState Start { get; } = new() { StepNumber = 0, Samples = 0, Tokens = 0, TrainingTime = TimeSpan.Zero, LossSum = 0, Evaluations = [] };

    /// <summary>The optimizer steps taken.</summary>
    public required int StepNumber { get; init; }

    /// <summary>The texts seen.</summary>
    public required long Samples { get; init; }

    /// <summary>The tokens seen, padding not counted.</summary>
    public required long Tokens { get; init; }

    /// <summary>The time spent on training steps.</summary>
    public required TimeSpan TrainingTime { get; init; }

    /// <summary>The loss summed over the texts since the last evaluation.</summary>
    public required double LossSum { get; init; }

    /// <summary>The evaluations in order.</summary>
    public required IReadOnlyList<EvaluationRecord> Evaluations { get; init; }

    /// <summary>The last evaluation, or <see langword="null"/> before the first one.</summary>
    internal EvaluationRecord? Last => Evaluations is [.., var last] ? last : null;

    /// <summary>The best evaluation, or <see langword="null"/> before the first one.</summary>
    internal EvaluationRecord? Best => Evaluations.LastOrDefault(evaluation => evaluation.IsBest);
}
