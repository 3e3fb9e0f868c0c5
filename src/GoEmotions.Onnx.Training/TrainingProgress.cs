namespace GoEmotions.Onnx.Training;

/// <summary>Where a training stands, after an optimizer step.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch, from 1.</summary>
    public required int EpochNumber { get; init; }

    /// <summary>The optimizer steps taken.</summary>
    public required int StepNumber { get; init; }

    /// <summary>The optimizer steps of the whole training.</summary>
    public required int StepCount { get; init; }

    /// <summary>The loss of this step's batch.</summary>
    public required double Loss { get; init; }

    /// <summary>The learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The norm of all gradients together, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The texts seen since the training began.</summary>
    public required long Samples { get; init; }

    /// <summary>The tokens seen since the training began, padding not counted.</summary>
    public required long Tokens { get; init; }

    /// <summary>The time spent on training steps since the training began; evaluation is not counted.</summary>
    public required TimeSpan TrainingTime { get; init; }
}
