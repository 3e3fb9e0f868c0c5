using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Training;

/// <summary>What a training came to.</summary>
public sealed record TrainingResult
{
    /// <summary>The parameters of the best epoch.</summary>
    public required ParameterSet BestParameters { get; init; }

    /// <summary>The best epoch, from 1.</summary>
    public required int BestEpochNumber { get; init; }

    /// <summary>All epochs that ended, in order.</summary>
    public required IReadOnlyList<EpochResult> Epochs { get; init; }
}
