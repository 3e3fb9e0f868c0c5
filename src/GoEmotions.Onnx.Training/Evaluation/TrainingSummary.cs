using GoEmotions.Onnx.Training.Monitoring;

namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>How the evaluated model was trained, shown in front of its report.</summary>
public sealed record TrainingSummary
{
    /// <summary>The course of the training.</summary>
    public required TrainingHistory History { get; init; }

    /// <summary>The configuration as names and values, in the order to show them.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }
}
