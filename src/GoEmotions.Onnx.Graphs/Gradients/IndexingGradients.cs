namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>Operators that take elements by their indices.</summary>
internal static class IndexingGradients
{
    public static IEnumerable<GradientRule> Rows =>
    [
        new("", "Gather", 13, Gather),
        new("", "GatherElements", 13, c => c.Give(0, () => ScatterAdd(c, c.Input(1), c.Gradient, c.Axis("axis", 0, c.Input(0).Rank)))),
        new("", "Slice", 13, Slice),
    ];

    // The gradients of the rows taken are added where they were taken from. ScatterElements, not ScatterND: with repeated indices
    // ScatterND's addition loses updates on the CPU when several threads run (ONNX Runtime issue 18048).
    private static void Gather(GradientContext c)
    {
        GraphValue data = c.Input(0);
        GraphValue indices = c.Input(1);
        int axis = c.Axis("axis", 0, data.Rank);
        if (axis == 0 && c.Needs(0) && c.TryGiveRows(0, indices))
        {
            return;
        }

        c.Give(0, () =>
        {
            Dimension count = indices.Shape.ElementCount;
            SymbolicShape along = SymbolicShape.Create([.. data.Shape.Take(axis), count, .. data.Shape.Skip(axis + 1)]);
            SymbolicShape column = SymbolicShape.Create([.. Enumerable.Repeat<Dimension>(1, axis), count, .. Enumerable.Repeat<Dimension>(1, data.Rank - axis - 1)]);
            GraphValue updates = c.Graph.Reshape(c.Gradient, along);
            GraphValue places = c.Graph.Node("Expand", [c.Graph.Reshape(indices, column), c.Graph.ShapeOf(updates)]);
            return ScatterAdd(c, places, updates, axis);
        });
    }

    private static GraphValue ScatterAdd(GradientContext c, GraphValue indices, GraphValue updates, int axis) =>
        c.Graph.Node(
            "ScatterElements",
            [c.Graph.ZerosLike(c.Input(0)), indices, updates],
            ("axis", (long)axis),
            ("reduction", "add"));

    // Slice's own result for 0, 1, 2, ... tells where each element was taken from, whatever axes, starts, ends and steps are.
    private static void Slice(GradientContext c) => c.Give(0, () =>
    {
        GraphBuilder graph = c.Graph;
        GraphValue data = c.Input(0);
        GraphValue numbers = graph.Node("Range", [graph.Scalar(0L), graph.Node("Size", [data]), graph.Scalar(1L)]);
        GraphValue?[] inputs = [graph.ReshapeAs(numbers, data), .. Enumerable.Range(1, c.InputCount - 1).Select(index => c.HasInput(index) ? c.Input(index) : null)];
        GraphValue places = graph.Reshape(graph.Node("Slice", inputs), [Dimension.Unknown]);
        GraphValue zeros = graph.Reshape(graph.ZerosLike(data), [Dimension.Unknown]);
        return graph.ReshapeAs(graph.Node("ScatterElements", [zeros, places, graph.Reshape(c.Gradient, [Dimension.Unknown])]), data);
    });
}
