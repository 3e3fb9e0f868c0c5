namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>Operators that move elements without changing them.</summary>
internal static class LayoutGradients
{
    public static IEnumerable<GradientRule> Rows =>
    [
        new("", "Transpose", 1, Transpose),
        new("", "Reshape", 5, c => c.Give(0, () => c.Graph.ReshapeAs(c.Gradient, c.Input(0)))),
        new("", "Flatten", 1, c => c.Give(0, () => c.Graph.ReshapeAs(c.Gradient, c.Input(0)))),
        new("", "Squeeze", 13, c => c.Give(0, () => c.Graph.ReshapeAs(c.Gradient, c.Input(0)))),
        new("", "Unsqueeze", 13, c => c.Give(0, () => c.Graph.ReshapeAs(c.Gradient, c.Input(0)))),
        new("", "Expand", 8, c => c.Give(0, () => c.Gradient)),
        new("", "Concat", 4, Concat),
        new("", "Split", 13, Split),
    ];

    private static void Transpose(GradientContext c)
    {
        int rank = c.Input(0).Rank;
        long[] permutation = c.Ints("perm") ?? [.. Enumerable.Range(0, rank).Select(axis => (long)(rank - 1 - axis))];
        var inverse = new long[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            inverse[permutation[axis]] = axis;
        }

        c.Give(0, () => c.Graph.Transpose(c.Gradient, inverse));
    }

    private static void Concat(GradientContext c)
    {
        int axis = c.Axis("axis", 0, c.Output().Rank);
        Dimension[] sizes = [.. Enumerable.Range(0, c.InputCount).Select(input => c.Input(input).Shape[axis])];
        GraphValue lengths = c.Graph.ShapeVector(SymbolicShape.Create(sizes));
        GraphValue[] parts = c.Graph.Node("", "Split", [c.Gradient, lengths], sizes.Length, ("axis", (long)axis));
        for (int input = 0; input < parts.Length; input++)
        {
            GraphValue part = parts[input];
            c.Give(input, () => part);
        }
    }

    private static void Split(GradientContext c)
    {
        GraphValue?[] parts = [.. Enumerable.Range(0, c.Node.Output.Count).Select(output => c.GradientOf(output) ?? c.Graph.ZerosLike(c.Output(output)))];
        c.Give(0, () => c.Graph.Node("Concat", parts, ("axis", c.Int("axis", 0))));
    }
}
