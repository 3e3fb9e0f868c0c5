using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training;

/// <summary>What an evaluation within a training came to: the numbers that make its curves. Immutable; kept in checkpoints.</summary>
public sealed record EvaluationRecord
{
    /// <summary>The evaluation, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The epoch of the last training step before it, from 1.</summary>
    public required int EpochNumber { get; init; }

    /// <summary>The optimizer steps taken before it.</summary>
    public required int StepNumber { get; init; }

    /// <summary>The texts seen since the training began.</summary>
    public required long Samples { get; init; }

    /// <summary>The tokens seen since the training began, padding not counted.</summary>
    public required long Tokens { get; init; }

    /// <summary>The mean loss over the training texts since the evaluation before, with dropout, while the parameters changed.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>The mean binary cross-entropy over development texts and labels, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Micro precision, recall and F1 at a probability of 0.5.</summary>
    public required PrecisionRecallF1 Micro { get; init; }

    /// <summary>Their unweighted means over labels.</summary>
    public required PrecisionRecallF1 Macro { get; init; }

    /// <summary>Their means over labels weighted by support.</summary>
    public required PrecisionRecallF1 Weighted { get; init; }

    /// <summary>The part of the texts whose labels are all right at a probability of 0.5, in [0, 1].</summary>
    public required double SubsetAccuracy { get; init; }

    /// <summary>The part of the decisions that are wrong, in [0, 1].</summary>
    public required double HammingLoss { get; init; }

    /// <summary>The ROC AUC of all scores pooled; null unless both classes occur.</summary>
    public required double? RocAucMicro { get; init; }

    /// <summary>The mean ROC AUC of the labels that have one; null when none has.</summary>
    public required double? RocAucMacro { get; init; }

    /// <summary>The average precision of all scores pooled; null when nothing is true.</summary>
    public required double? AveragePrecisionMicro { get; init; }

    /// <summary>The mean average precision of the labels that have one; null when none has.</summary>
    public required double? AveragePrecisionMacro { get; init; }

    /// <summary>The value of <see cref="TrainingOptions.BestMetric"/>; the larger, the better (a loss has its sign changed).</summary>
    public required double Value { get; init; }

    /// <summary>Whether it is better than all evaluations before.</summary>
    public required bool IsBest { get; init; }

    /// <summary>The time spent on training steps since the training began; evaluations and checkpoints are not counted.</summary>
    public required TimeSpan TrainingTime { get; init; }

    /// <summary>The time spent on the evaluation.</summary>
    public required TimeSpan EvaluationTime { get; init; }

    /// <summary>The texts trained on per second of training time since the evaluation before.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The process's resident memory after the evaluation, in bytes.</summary>
    public required long WorkingSetInBytes { get; init; }
}
