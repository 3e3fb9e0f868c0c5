namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Softmax, layer normalization and dropout.</summary>
internal static class NormalizationRules
{
    public static IEnumerable<OperatorRule> Rows =>
    [
        new("Softmax", 1, "T", TypeSet.Float, "axis:INT", AlongAxis),
        new("LogSoftmax", 1, "T", TypeSet.Float, "axis:INT", AlongAxis),
        new("LayerNormalization", 17, "TT|T", TypeSet.Float, "axis:INT epsilon:FLOAT stash_type:INT", LayerNormalization, MaxOutputs: 3),
        new("RMSNormalization", 23, "TT", TypeSet.Float, "axis:INT epsilon:FLOAT stash_type:INT", LayerNormalization),
        new("Dropout", 7, "T", TypeSet.Float, "ratio:FLOAT", Dropout, MaxOutputs: 2),
        new("Dropout", 12, "T|FB", TypeSet.Float, "seed:INT", Dropout, MaxOutputs: 2),
        new("SkipLayerNormalization", 1, "TTT|TT", TypeSet.Float, "epsilon:FLOAT", SkipLayerNormalization, MaxOutputs: 4, Domain: OperatorTable.MicrosoftDomain),
    ];

    private static void AlongAxis(ShapeContext context)
    {
        if (context.InputShape(0) is { } shape)
        {
            context.Axis("axis", context.Opset >= 13 ? -1 : 1, shape.Rank);
        }

        ElementwiseRules.SameAsInput(context);
    }

    private static void LayerNormalization(ShapeContext context)
    {
        SymbolicShape? shape = context.InputShape(0);
        SymbolicShape? statistics = null;
        if (shape is not null)
        {
            int axis = context.Axis("axis", -1, shape.Rank);
            statistics = shape;
            for (int i = axis; i < shape.Rank; i++)
            {
                statistics = statistics.With(i, 1);
            }

            RequireScale(context, shape, axis, 1);
            RequireScale(context, shape, axis, 2);
        }

        context.OutputAsInput(shape);
        ElementType stash = (ElementType)context.Int("stash_type", (long)ElementType.Float32);
        context.Output(1, stash, statistics);
        context.Output(2, stash, statistics);
    }

    // Scale and bias broadcast to the input and must leave its shape as it is.
    private static void RequireScale(ShapeContext context, SymbolicShape shape, int axis, int input)
    {
        if (context.InputShape(input) is not { } scale)
        {
            return;
        }

        SymbolicShape both = context.Broadcast(shape, scale)!;
        bool fits = both.Rank == shape.Rank;
        for (int i = 0; i < shape.Rank && fits; i++)
        {
            fits = !shape[i].IsConstant || !both[i].IsConstant || shape[i] == both[i];
        }

        if (!fits)
        {
            context.Fail($"input {input} has shape {scale}, expected {SymbolicShape.Create(shape.AsSpan()[axis..])} to scale or shift {shape}");
        }
    }

    private static void Dropout(ShapeContext context)
    {
        context.OutputAsInput(context.InputShape(0));
        context.Output(1, ElementType.Bool, context.InputShape(0));
    }

    private static void SkipLayerNormalization(ShapeContext context)
    {
        SymbolicShape? shape = context.InputShape(0);
        SymbolicShape? statistics = shape?.With(shape.Rank - 1, 1);
        context.OutputAsInput(shape);
        context.Output(1, ElementType.Float32, statistics);
        context.Output(2, ElementType.Float32, statistics);
        context.Output(3, context.InputType(0), shape);
    }
}
