namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Operators that read or write at positions given by a tensor, and those that find positions.</summary>
internal static class IndexingRules
{
    public static IEnumerable<OperatorRule> Rows =>
    [
        new("Gather", 1, "*I", TypeSet.Any, "axis:INT", Gather),
        new("GatherElements", 11, "*I", TypeSet.Any, "axis:INT", GatherElements),
        new("GatherND", 11, "*L", TypeSet.Any, "batch_dims:INT", GatherND),
        new("ScatterND", 11, "TLT", TypeSet.Any, "", ScatterND),
        new("ScatterND", 16, "TLT", TypeSet.Any, "reduction:STRING", ScatterND),
        new("ScatterElements", 11, "TIT", TypeSet.Any, "axis:INT", ScatterElements),
        new("ScatterElements", 16, "TIT", TypeSet.Any, "axis:INT reduction:STRING", ScatterElements),
        new("OneHot", 9, "***", TypeSet.Any, "axis:INT", OneHot),
        new("TopK", 10, "*L", TypeSet.Any, "axis:INT", TopK, MaxOutputs: 2),
        new("TopK", 11, "*L", TypeSet.Any, "axis:INT largest:INT sorted:INT", TopK, MaxOutputs: 2),
        new("ArgMax", 1, "*", TypeSet.Any, "axis:INT keepdims:INT select_last_index:INT", ArgMax),
        new("ArgMin", 1, "*", TypeSet.Any, "axis:INT keepdims:INT select_last_index:INT", ArgMax),
        new("NonZero", 9, "*", TypeSet.Any, "", c => c.Output(0, ElementType.Int64, [c.InputShape(0) is { } s ? s.Rank : Dimension.Unknown, Dimension.Unknown])),
        new("CumSum", 11, "TI", TypeSet.Numeric, "exclusive:INT reverse:INT", CumSum),
    ];

    private static void Gather(ShapeContext context)
    {
        if (context.InputShape(0) is not { } data || context.InputShape(1) is not { } indices)
        {
            context.OutputAsInput(null);
            return;
        }

        context.RequireRank(0, data, 1);
        int axis = context.Axis("axis", 0, data.Rank);
        Dimension[]? elements = null;
        if (data.Rank == 1 && context.InputElements(0) is { } source && context.InputNumbers(1) is { } positions)
        {
            elements = new Dimension[positions.Length];
            for (int i = 0; i < positions.Length; i++)
            {
                elements[i] = source[context.Axis(positions[i], source.Length, "an index")];
            }
        }

        ReadOnlySpan<Dimension> span = data.AsSpan();
        context.OutputAsInput([.. span[..axis], .. indices, .. span[(axis + 1)..]], elements);
    }

    private static void GatherElements(ShapeContext context)
    {
        RequireSameRank(context, "axis");
        context.OutputAsInput(context.InputShape(1));
    }

    private static void RequireSameRank(ShapeContext context, string axisAttribute)
    {
        if (context.InputShape(0) is { } data && context.InputShape(1) is { } indices)
        {
            context.RequireRank(0, data, 1);
            context.RequireRank(1, indices, data.Rank, data.Rank);
            context.Axis(axisAttribute, 0, data.Rank);
        }
    }

    private static void GatherND(ShapeContext context)
    {
        if (context.InputShape(0) is not { } data || context.InputShape(1) is not { } indices)
        {
            context.OutputAsInput(null);
            return;
        }

        int batch = (int)Math.Clamp(context.Int("batch_dims", 0), 0, data.Rank);
        context.RequireRank(0, data, batch + 1);
        context.RequireRank(1, indices, batch + 1);
        if (!indices[indices.Rank - 1].IsConstant)
        {
            context.OutputAsInput(null);
            return;
        }

        int taken = TupleLength(context, indices, data.Rank - batch);
        context.OutputAsInput([.. indices.AsSpan()[..^1], .. data.AsSpan()[(batch + taken)..]]);
    }

    private static int TupleLength(ShapeContext context, SymbolicShape indices, int most)
    {
        long length = indices[indices.Rank - 1].Value;
        if (length > most)
        {
            context.Fail($"index tuples have {length} elements (shape {indices}), expected at most {most}");
        }

        return (int)length;
    }

    private static void ScatterND(ShapeContext context)
    {
        if (context.InputShape(0) is { } data && context.InputShape(1) is { } indices && context.InputShape(2) is { } updates)
        {
            context.RequireRank(0, data, 1);
            context.RequireRank(1, indices, 1);
            if (indices[indices.Rank - 1].IsConstant)
            {
                int taken = TupleLength(context, indices, data.Rank);
                RequireUpdates(context, updates, [.. indices.AsSpan()[..^1], .. data.AsSpan()[taken..]]);
            }
        }

        context.OutputAsInput(context.InputShape(0));
    }

    private static void ScatterElements(ShapeContext context)
    {
        RequireSameRank(context, "axis");
        if (context.InputShape(1) is { } indices && context.InputShape(2) is { } updates)
        {
            RequireUpdates(context, updates, indices);
        }

        context.OutputAsInput(context.InputShape(0));
    }

    private static void RequireUpdates(ShapeContext context, SymbolicShape found, SymbolicShape expected)
    {
        if (found.Rank != expected.Rank)
        {
            context.Fail($"the updates have shape {found}, expected {expected}");
        }

        for (int axis = 0; axis < found.Rank; axis++)
        {
            context.Same(found[axis], expected[axis], $"on axis {axis}, updates of shape {found} and the shape {expected} that the indices ask for");
        }
    }

    private static void OneHot(ShapeContext context)
    {
        if (context.InputShape(0) is not { } indices)
        {
            context.Output(0, context.InputType(2), null);
            return;
        }

        int axis = context.Axis("axis", -1, indices.Rank + 1);
        Dimension depth = context.InputElements(1) is { Length: 1 } known ? known[0] : Dimension.Unknown;
        context.Output(0, context.InputType(2), [.. indices.AsSpan()[..axis], depth, .. indices.AsSpan()[axis..]]);
    }

    private static void TopK(ShapeContext context)
    {
        SymbolicShape? result = context.InputShape(0);
        if (result is not null)
        {
            context.RequireRank(0, result, 1);
            result = result.With(context.Axis("axis", -1, result.Rank), context.InputElements(1) is { Length: 1 } k ? k[0] : Dimension.Unknown);
        }

        context.Output(0, context.InputType(0), result);
        context.Output(1, ElementType.Int64, result);
    }

    private static void ArgMax(ShapeContext context) => context.Output(
        0,
        ElementType.Int64,
        context.InputShape(0) is { } shape
            ? ReductionRules.Reduce(shape, [context.Axis("axis", 0, shape.Rank)], context.Int("keepdims", 1) != 0)
            : null);

    private static void CumSum(ShapeContext context)
    {
        if (context.InputShape(0) is { } shape && context.InputNumbers(1) is [long axis])
        {
            context.Axis(axis, shape.Rank, "the axis");
        }

        context.OutputAsInput(context.InputShape(0));
    }
}
