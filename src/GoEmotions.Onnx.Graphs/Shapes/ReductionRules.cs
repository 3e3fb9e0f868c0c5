namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Reductions over axes, which are an attribute in older operator sets and an input in newer ones.</summary>
internal static class ReductionRules
{
    private static readonly string[] Names =
    [
        "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare",
    ];

    public static IEnumerable<OperatorRule> Rows => Names.SelectMany(name => new OperatorRule[]
    {
        new(name, 1, "T", TypeSet.Numeric, "axes:INTS keepdims:INT", c => Reduction(c, c.Ints("axes"), c.Attribute("axes") is null)),
        new(name, name == "ReduceSum" ? 13 : 18, "T|L", TypeSet.Numeric, "keepdims:INT noop_with_empty_axes:INT", ByInput),
    });

    public static SymbolicShape Reduce(SymbolicShape shape, ReadOnlySpan<int> axes, bool keep)
    {
        var result = new List<Dimension>(shape.Rank);
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            if (!axes.Contains(axis))
            {
                result.Add(shape[axis]);
            }
            else if (keep)
            {
                result.Add(1);
            }
        }

        return SymbolicShape.Create([.. result]);
    }

    private static void ByInput(ShapeContext context)
    {
        bool empty = !context.HasInput(1) || context.InputShape(1) is { Rank: 1 } length && length[0] is { IsConstant: true, Value: 0 };
        if (empty && context.Int("noop_with_empty_axes", 0) != 0)
        {
            context.OutputAsInput(context.InputShape(0));
            return;
        }

        Reduction(context, context.InputNumbers(1), empty);
    }

    private static void Reduction(ShapeContext context, long[]? axes, bool all)
    {
        bool keep = context.Int("keepdims", 1) != 0;
        SymbolicShape? shape = context.InputShape(0);
        if (all)
        {
            context.OutputAsInput(keep ? shape is null ? null : Reduce(shape, [.. Enumerable.Range(0, shape.Rank)], true) : SymbolicShape.Scalar, Product(context));
            return;
        }

        if (shape is null || axes is null)
        {
            context.OutputAsInput(keep && shape is not null ? SymbolicShape.Unknown(shape.Rank) : null);
            return;
        }

        context.OutputAsInput(Reduce(shape, context.Axes(axes, shape.Rank, "the axes"), keep), Product(context));
    }

    // The number of elements that a shape has, as a value.
    private static Dimension[]? Product(ShapeContext context)
    {
        if (context.Node.OpType != "ReduceProd" || context.InputShape(0) is not { Rank: 1 } || context.InputElements(0) is not { } elements)
        {
            return null;
        }

        Dimension product = 1;
        foreach (Dimension element in elements)
        {
            product *= element;
        }

        return [product];
    }
}
