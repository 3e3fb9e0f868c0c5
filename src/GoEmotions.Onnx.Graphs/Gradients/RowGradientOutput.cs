namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>
/// A gradient that a training graph gives as rows: row <c>indices[i]</c> of the table gets <c>rows[i]</c> added, for every i;
/// indices may repeat.
/// </summary>
/// <param name="Table">The parameter, <c>[count, width]</c>.</param>
/// <param name="Indices">The name of the input or output that holds the indices, int64.</param>
/// <param name="IndicesAreInput">Whether that is an input of the graph, which the caller has already.</param>
/// <param name="Rows">The name of the output that holds the rows: the shape of the indices, then width. Several tables may share one.</param>
/// <param name="Shape">The shape of the rows.</param>
public sealed record RowGradientOutput(string Table, string Indices, bool IndicesAreInput, string Rows, SymbolicShape Shape);
