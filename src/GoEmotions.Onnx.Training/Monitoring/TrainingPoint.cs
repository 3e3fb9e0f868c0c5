namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary>What is kept of a few training steps in a row.</summary>
public sealed record TrainingPoint
{
    /// <summary>The last of the steps, from 1.</summary>
    public required int StepNumber { get; init; }

    /// <summary>The epoch of that step, from 1.</summary>
    public required int EpochNumber { get; init; }

    /// <summary>The mean loss of the steps' batches.</summary>
    public required double Loss { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The norm of all gradients together at the last step, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Texts per second of training time, or <see langword="null"/> where it cannot be told.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Tokens per second of training time, padding not counted, or <see langword="null"/> where it cannot be told.</summary>
    public double? TokensPerSecond { get; init; }
}
