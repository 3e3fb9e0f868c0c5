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

    /// <summary>
    /// Whether, when <see cref="Training"/>, the caller gives the dropout masks as inputs (see <see cref="ClassifierGraph.DropoutMasks"/>)
    /// instead of Dropout nodes drawing them: the CPU's Dropout draws one number after the other on one thread.
    /// </summary>
    public bool DropoutMasksAsInputs { get; init; }

    /// <summary>
    /// Whether the last layer is computed for the first token of each text alone, which is all that the head looks at. The logits
    /// are the same; queries, attention and feed-forward of that layer cost nothing for the other tokens.
    /// </summary>
    public bool LastLayerOnFirstToken { get; init; }

    /// <summary>The seed of the first Dropout node; later nodes count up. Null lets the runtime choose anew for each session.</summary>
    public int? DropoutSeed { get; init; }

    /// <summary>The version of the standard operator set, from <see cref="GraphBuilder.MinimalOpset"/> to <see cref="GraphBuilder.MaximalOpset"/>.</summary>
    public int Opset { get; init; } = GraphBuilder.DefaultOpset;
}
