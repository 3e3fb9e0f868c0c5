namespace GoEmotions.Onnx.Graphs;

/// <summary>How grave a <see cref="GraphFinding"/> is.</summary>
public enum GraphFindingSeverity
{
    /// <summary>Something could not be checked: an operator without a shape rule.</summary>
    Unchecked,

    /// <summary>The model breaks the ONNX standard or contradicts itself.</summary>
    Error,
}
