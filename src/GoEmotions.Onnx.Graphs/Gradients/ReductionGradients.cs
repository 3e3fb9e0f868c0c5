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
        SymbolicShape kept = Kept(c, input.Shape);
        GraphValue gradient = c.Graph.Reshape(c.Gradient, kept);
        if (divide)
        {
            Dimension count = 1;
            for (int axis = 0; axis < input.Rank; axis++)
            {
                count *= kept[axis].IsOne ? input.Shape[axis] : 1;
            }

            gradient = count.IsConstant
                ? c.Graph.Mul(gradient, 1.0 / count.Value)
                : c.Graph.Div(gradient, c.Graph.Node("Cast", [c.Graph.ShapeVector([count])], ("to", gradient.ElementType)));
        }

        return c.Graph.Node("Expand", [gradient, c.Graph.ShapeOf(input)]);
    }

    // The shape of the output with the reduced axes kept as 1. The axes are an input, for ReduceMean up to opset 17 an attribute.
    private static SymbolicShape Kept(GradientContext c, SymbolicShape input)
    {
        Dimension[]? given = c.HasInput(1) ? c.Input(1).Elements : [.. (c.Ints("axes") ?? []).Select(Dimension.Constant)];
        if (given is null || given.Any(axis => !axis.IsConstant))
        {
            c.Fail($"its axes '{c.Node.Input[1]}' are computed, the gradient rule expects constant ones.");
        }

        bool all = given.Length == 0 && c.Int("noop_with_empty_axes", 0) == 0;
        HashSet<long> axes = [.. given.Select(axis => axis.Value < 0 ? axis.Value + input.Rank : axis.Value)];
        return SymbolicShape.Create([.. input.Select((dimension, axis) => all || axes.Contains(axis) ? 1 : dimension)]);
    }
}
