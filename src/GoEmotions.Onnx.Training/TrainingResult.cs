using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Training;

/// <summary>What a training came to.</summary>
public sealed record TrainingResult
{
    /// <summary>Why it ended.</summary>
    public required TrainingEnd End { get; init; }

    /// <summary>The parameters of the best evaluation; <see langword="null"/> when the training was cancelled before the first one.</summary>
    public required ParameterSet? BestParameters { get; init; }

    /// <summary>The best evaluation; <see langword="null"/> when the training was cancelled before the first one.</summary>
    public required EvaluationRecord? Best { get; init; }

    /// <summary>All evaluations in order, those before a resume included.</summary>
    public required IReadOnlyList<EvaluationRecord> Evaluations { get; init; }

    /// <summary>The optimizer steps taken.</summary>
    public required int StepNumber { get; init; }

    /// <summary>The newest checkpoint, which holds the training as it ended; <see langword="null"/> when none are written.</summary>
    public required string? CheckpointPath { get; init; }
}
