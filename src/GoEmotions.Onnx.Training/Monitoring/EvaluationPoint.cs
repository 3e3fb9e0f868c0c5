using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary>What is kept of an evaluation on the development split, all decisions at a probability of 0.5.</summary>
public sealed record EvaluationPoint
{
    /// <summary>The optimizer steps taken.</summary>
    public required int StepNumber { get; init; }

    /// <summary>The epoch, from 1.</summary>
    public required int EpochNumber { get; init; }

    /// <summary>The mean training loss since the last evaluation, with dropout, while the parameters changed.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>The loss on the development split.</summary>
    public required double Loss { get; init; }

    /// <summary>Micro F1.</summary>
    public required double MicroF1 { get; init; }

    /// <summary>Macro F1.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>The part of the texts whose labels are all right.</summary>
    public required double SubsetAccuracy { get; init; }

    /// <summary>The mean over labels of the average precision, or <see langword="null"/> where no label has a positive.</summary>
    public double? MeanAveragePrecision { get; init; }

    /// <summary>ROC AUC of all probabilities pooled, or <see langword="null"/> where it has no value.</summary>
    public double? RocAucMicro { get; init; }

    /// <summary>ROC AUC of all decisions pooled, which the notebook reports, or <see langword="null"/> where it has no value.</summary>
    public double? RocAucMicroThresholded { get; init; }

    /// <summary>Whether it was the best so far by the chosen metric.</summary>
    public required bool IsBest { get; init; }

    /// <summary>The texts trained on per second of training time since the last evaluation.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Seconds spent on training steps since the last evaluation.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Seconds spent on the evaluation.</summary>
    public required double EvaluationSeconds { get; init; }

    /// <summary>The process's resident memory, in bytes.</summary>
    public required long WorkingSetInBytes { get; init; }

    internal static EvaluationPoint Of(EpochResult result)
    {
        EvaluationResult evaluation = result.Evaluation;
        return new EvaluationPoint
        {
            StepNumber = result.StepNumber,
            EpochNumber = result.EpochNumber,
            TrainingLoss = result.TrainingLoss,
            Loss = evaluation.Loss,
            MicroF1 = evaluation.Micro.F1,
            MacroF1 = evaluation.Macro.F1,
            SubsetAccuracy = evaluation.SubsetAccuracy,
            MeanAveragePrecision = evaluation.AveragePrecisionMacro,
            RocAucMicro = evaluation.RocAucMicro,
            RocAucMicroThresholded = evaluation.RocAucMicroThresholded,
            IsBest = result.IsBest,
            SamplesPerSecond = result.SamplesPerSecond,
            TrainingSeconds = result.TrainingTime.TotalSeconds,
            EvaluationSeconds = result.EvaluationTime.TotalSeconds,
            WorkingSetInBytes = result.WorkingSetInBytes,
        };
    }
}
