using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>The optimizer's state in a checkpoint of ONNX Runtime. Its members do not change; the values of the moments may.</summary>
public sealed record OrtOptimizerState
{
    /// <summary>The name of the only group that ONNX Runtime's training API has.</summary>
    public const string DefaultGroupName = "group0";

    /// <summary>The learning rate at which ONNX Runtime starts.</summary>
    public const float DefaultLearningRate = 1e-3f;

    /// <summary>The name of the group of parameters.</summary>
    public string GroupName { get; init; } = DefaultGroupName;

    /// <summary>The number of optimizer steps taken.</summary>
    public required long Step { get; init; }

    /// <summary>The learning rate that the training began with.</summary>
    public float LearningRate { get; init; } = DefaultLearningRate;

    /// <summary>The first moments (<c>momentum0</c>) by the names of the trained parameters.</summary>
    public ParameterSet FirstMoments { get; init; } = new();

    /// <summary>The second moments (<c>momentum1</c>) by the names of the trained parameters; empty for SGD.</summary>
    public ParameterSet SecondMoments { get; init; } = new();
}
