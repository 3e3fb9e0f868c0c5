using GoEmotions.Onnx.Training.Checkpoints;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training;

/// <summary>What happens beside a training without changing what it comes to: checkpoints, and who is told.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>Where checkpoints are written; <see langword="null"/> for none. The caller owns it.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    /// <summary>
    /// Optimizer steps from checkpoint to checkpoint; <see langword="null"/> for one after each evaluation. The end of the training and
    /// a cancellation write one in any case.
    /// </summary>
    public int? CheckpointSteps { get; init; }

    /// <summary>Is told where the training stands after each optimizer step.</summary>
    public Action<TrainingProgress>? OnStep { get; init; }

    /// <summary>Is told what each evaluation came to, in short and in full (at a probability of 0.5), before a checkpoint holds it.</summary>
    public Action<EvaluationRecord, EvaluationResult>? OnEvaluation { get; init; }

    /// <summary>Is told the path of each checkpoint when it is on the disk.</summary>
    public Action<string>? OnCheckpoint { get; init; }

    internal void Validate()
    {
        if (CheckpointSteps is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(CheckpointSteps), CheckpointSteps, $"{nameof(CheckpointSteps)} is {CheckpointSteps}, expected 1 or more.");
        }
    }
}
