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
            GraphValue places = c.Graph.Node("Expand", [c.Graph.Reshape(indices, column), c.Graph.ShapeVector(along)]);
            return ScatterAdd(c, places, c.Graph.Reshape(c.Gradient, along), axis);
        });
    }

    private static GraphValue ScatterAdd(GradientContext c, GraphValue indices, GraphValue updates, int axis) =>
        c.Graph.Node(
            "ScatterElements",
            [c.Graph.Zeros(c.Input(0).Shape, c.Gradient.ElementType), indices, updates],
            ("axis", (long)axis),
            ("reduction", "add"));

    // The places along one axis are Slice's of 0, 1, 2, ..., whatever starts, ends and steps are.
    private static void Slice(GradientContext c)
    {
        GraphValue data = c.Input(0);
        int[] cut = [.. Enumerable.Range(0, data.Rank).Where(axis => data.Shape[axis] != c.Output().Shape[axis])];
        if (cut.Length > 1)
        {
            c.Fail($"it cuts {cut.Length} axes ({string.Join(", ", cut)}), the gradient rule takes one. Slice one axis after the other.");
        }

        c.Give(0, () =>
        {
            if (cut.Length == 0)
            {
                return c.Gradient;
            }

            int axis = cut[0];
            SymbolicShape line = SymbolicShape.Create([.. data.Shape.Select((dimension, index) => index == axis ? dimension : 1)]);
            GraphValue size = c.Graph.Node("Squeeze", [c.Graph.ShapeVector([data.Shape[axis]])]);
            GraphValue range = c.Graph.Reshape(c.Graph.Node("Range", [c.Graph.Scalar(0L), size, c.Graph.Scalar(1L)]), line);
            GraphValue?[] inputs = [range, .. Enumerable.Range(1, c.InputCount - 1).Select(index => c.Node.Input[index].Length == 0 ? null : c.Input(index))];
            GraphValue places = c.Graph.Node("Expand", [c.Graph.Node("Slice", inputs), c.Graph.ShapeVector(c.Output().Shape)]);
            return ScatterAdd(c, places, c.Gradient, axis);
        });
    }
}
