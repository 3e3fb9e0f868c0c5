namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>What a report shows.</summary>
public sealed record EvaluationReportOptions
{
    /// <summary>The most mistakes shown, with their texts; 0 keeps every text out of the report.</summary>
    public int MistakeCount { get; init; } = 25;

    /// <summary>The most pairs of confused labels shown.</summary>
    public int ConfusionCount { get; init; } = 15;

    /// <summary>How the model was trained, or <see langword="null"/> to say nothing of it.</summary>
    public TrainingSummary? Training { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MistakeCount);
        ArgumentOutOfRangeException.ThrowIfNegative(ConfusionCount);
    }
}
