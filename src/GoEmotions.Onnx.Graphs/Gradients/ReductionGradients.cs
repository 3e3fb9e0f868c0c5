namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>Sums and means over axes.</summary>
internal static class ReductionGradients
{
    public static IEnumerable<GradientRule> Rows =>
    [
        new("", "ReduceSum", 13, c => c.Give(0, () => Spread(c))),
        new("", "ReduceMean", 1, c => c.Give(0, () => Spread(c, divide: true))),
    ];

    // Each element of the input gets the gradient of the sum that it went into, and of a mean its share.
    private static GraphValue Spread(GradientContext c, bool divide = false)
    {
        GraphValue input = c.Input(0);
        GraphValue gradient = c.Gradient;
        long[] axes = ReducedAxes(c, input.Rank);
        if (divide)
        {
            Dimension count = axes.Aggregate((Dimension)1, (product, axis) => product * input.Shape[(int)axis]);
            gradient = count.IsConstant ? c.Graph.Mul(gradient, 1.0 / count.Value) : c.Graph.Div(gradient, Share(c, input));
        }

        gradient = gradient.Rank == input.Rank ? gradient : c.Graph.Node("Unsqueeze", [gradient, c.Graph.Integers(axes)]);
        return c.Graph.Node("Expand", [gradient, c.Graph.ShapeOf(input)]);
    }

    // How many elements of the input make one of the output.
    private static GraphValue Share(GradientContext c, GraphValue input) =>
        c.Graph.CastTo(c.Graph.Div(c.Graph.Node("Size", [input]), c.Graph.Node("Size", [c.Output()])), input.ElementType);

    // An input, for ReduceMean up to opset 17 an attribute.
    private static long[] ReducedAxes(GradientContext c, int rank)
    {
        Dimension[]? given = c.HasInput(1) ? c.Input(1).Elements : [.. (c.Ints("axes") ?? []).Select(Dimension.Element)];
        if (given is null || given.Any(axis => !axis.IsConstant))
        {
            c.Fail($"its axes '{c.Node.Input[1]}' are computed, the gradient rule expects constant ones.");
        }

        bool all = given.Length == 0 && c.Int("noop_with_empty_axes", 0) == 0;
        return [.. Enumerable.Range(0, rank).Select(axis => (long)axis).Where(axis => all || given.Any(named => named.Value == axis || named.Value + rank == axis))];
    }
}
