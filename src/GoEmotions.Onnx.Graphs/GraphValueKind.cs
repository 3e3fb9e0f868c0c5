namespace GoEmotions.Onnx.Graphs;

/// <summary>What produces a <see cref="GraphValue"/>.</summary>
public enum GraphValueKind
{
    /// <summary>The caller of the graph.</summary>
    Input,

    /// <summary>The model file: a constant or a parameter.</summary>
    Initializer,

    /// <summary>A node of the graph.</summary>
    NodeOutput,
}
