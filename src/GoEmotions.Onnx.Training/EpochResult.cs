using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training;

/// <summary>What an epoch came to.</summary>
public sealed record EpochResult
{
    /// <summary>The epoch, from 1.</summary>
    public required int EpochNumber { get; init; }

    /// <summary>The optimizer steps taken by its end.</summary>
    public required int StepNumber { get; init; }

    /// <summary>The mean loss over its training texts, with dropout, while the parameters changed.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>The metrics on the development split at a probability of 0.5.</summary>
    public required EvaluationResult Evaluation { get; init; }

    /// <summary>Whether it is the best so far by the chosen metric.</summary>
    public required bool IsBest { get; init; }

    /// <summary>The time spent on training steps in this epoch.</summary>
    public required TimeSpan TrainingTime { get; init; }

    /// <summary>The time spent on the evaluation.</summary>
    public required TimeSpan EvaluationTime { get; init; }

    /// <summary>The texts trained on per second of training time.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The process's resident memory at the epoch's end, in bytes.</summary>
    public required long WorkingSetInBytes { get; init; }
}
