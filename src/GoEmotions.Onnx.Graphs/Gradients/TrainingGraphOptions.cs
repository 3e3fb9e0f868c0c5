using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>What a <see cref="TrainingGraph"/> computes.</summary>
public sealed record TrainingGraphOptions
{
    /// <summary>The loss.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>Which parameters are trained; <see langword="null"/> for all. The others are inputs too, without a gradient.</summary>
    public Func<ParameterSpec, bool>? Trains { get; init; }

    /// <summary>Whether the graph has the configuration's dropout.</summary>
    public bool Dropout { get; init; } = true;

    /// <summary>Whether dropout masks are inputs (see <see cref="ClassifierGraphOptions.DropoutMasksAsInputs"/>) instead of Dropout nodes.</summary>
    public bool DropoutMasksAsInputs { get; init; } = true;

    /// <summary>The seed of the first Dropout node (see <see cref="ClassifierGraphOptions.DropoutSeed"/>) where masks are not inputs.</summary>
    public int? DropoutSeed { get; init; }

    /// <summary>
    /// Whether the gradients of embedding tables are rows, for the caller to add (see <see cref="RowGradientOutput"/>), instead of
    /// tensors of the tables' sizes.
    /// </summary>
    public bool EmbeddingGradientsAsRows { get; init; } = true;

    /// <summary>Whether the graph keeps to the standard's operators; otherwise its gradients have ONNX Runtime's FusedMatMul too.</summary>
    public bool StandardOperatorsOnly { get; init; }

    /// <summary>The version of the standard operator set.</summary>
    public int Opset { get; init; } = GraphBuilder.DefaultOpset;
}
