namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>How <see cref="ClassifierGraph"/> builds. Immutable.</summary>
public sealed record ClassifierGraphOptions
{
    /// <summary>Whether parameters are inputs of the graph, given at each run (for training), instead of being stored in it.</summary>
    public bool ParametersAsInputs { get; init; }

    /// <summary>
    /// Whether the graph has the configuration's dropout, always on; without it, there is no Dropout node. ONNX Runtime's optimizer
    /// removes a Dropout node whose mask nobody takes (1.31.1): a gradient graph takes it, a forward pass alone does not.
    /// </summary>
    public bool Training { get; init; }

    /// <summary>The seed of the first Dropout node; later nodes count up. Null lets the runtime choose anew for each session.</summary>
    public int? DropoutSeed { get; init; }

    /// <summary>The version of the standard operator set, from <see cref="GraphBuilder.MinimalOpset"/> to <see cref="GraphBuilder.MaximalOpset"/>.</summary>
    public int Opset { get; init; } = GraphBuilder.DefaultOpset;
}
