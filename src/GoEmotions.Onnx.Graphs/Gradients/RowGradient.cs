namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>
/// The gradient of a table of which a graph takes rows (an embedding): row <c>indices[i]</c> of the table gets
/// <c>rows[i]</c> added, for every i; indices may repeat.
/// </summary>
/// <param name="Table">The table, <c>[count, width]</c>.</param>
/// <param name="Indices">int64, of any shape.</param>
/// <param name="Rows">The gradients of the rows taken: the shape of <paramref name="Indices"/>, then <c>width</c>.</param>
public sealed record RowGradient(GraphValue Table, GraphValue Indices, GraphValue Rows);
