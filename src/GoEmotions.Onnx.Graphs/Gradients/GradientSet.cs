namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>What <see cref="BackwardGraphBuilder"/> found.</summary>
public sealed class GradientSet
{
    internal GradientSet(IReadOnlyDictionary<GraphValue, GraphValue> dense, IReadOnlyList<RowGradient> rows)
    {
        Dense = dense;
        Rows = rows;
    }

    /// <summary>The gradients by what they are the gradients of, each of that value's shape. A value that the loss does not depend on has none.</summary>
    public IReadOnlyDictionary<GraphValue, GraphValue> Dense { get; }

    /// <summary>The gradients that were asked for as rows; a table that is used several times has several.</summary>
    public IReadOnlyList<RowGradient> Rows { get; }
}
