using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Constants, sizes and shapes as values, ranges and random numbers.</summary>
internal static class ConstantRules
{
    private const string ConstantAttributes =
        "value:TENSOR value_float:FLOAT value_floats:FLOATS value_int:INT value_ints:INTS value_string:STRING value_strings:STRINGS sparse_value:SPARSETENSOR";

    public static IEnumerable<OperatorRule> Rows =>
    [
        new("Constant", 1, "", TypeSet.Any, ConstantAttributes, Constant),
        new("ConstantOfShape", 9, "L", TypeSet.Any, "value:TENSOR", ConstantOfShape),
        new("Shape", 1, "*", TypeSet.Any, "start:INT end:INT", Shape),
        new("Size", 1, "*", TypeSet.Any, "", c => c.Output(0, ElementType.Int64, SymbolicShape.Scalar, c.InputShape(0) is { } s ? [s.ElementCount] : null)),
        new("Range", 11, "TTT", TypeSet.Numeric, "", Range),
        new("RandomUniformLike", 1, "*", TypeSet.Any, "dtype:INT high:FLOAT low:FLOAT seed:FLOAT", RandomLike),
        new("RandomNormalLike", 1, "*", TypeSet.Any, "dtype:INT mean:FLOAT scale:FLOAT seed:FLOAT", RandomLike),
        new("Bernoulli", 15, "T", TypeSet.Float, "dtype:INT seed:FLOAT", RandomLike),
    ];

    private static void Constant(ShapeContext context)
    {
        if (context.Node.Attribute.Count != 1)
        {
            context.Fail($"has {context.Node.Attribute.Count} attributes, expected exactly one that gives the value");
        }

        AttributeProto value = context.Node.Attribute[0];
        switch (value.Name)
        {
            case "value" when value.T is not null:
                InferredValue tensor = TensorContent.Describe(value.T);
                context.Output(0, tensor.Type.ElementType, tensor.Type.Shape, tensor.Elements);
                break;
            case "value_int":
                context.Output(0, ElementType.Int64, SymbolicShape.Scalar, [Dimension.Element(value.I)]);
                break;
            case "value_ints":
                context.Output(0, ElementType.Int64, [value.Ints.Count], [.. value.Ints.Select(Dimension.Element)]);
                break;
            case "value_float":
                context.Output(0, ElementType.Float32, SymbolicShape.Scalar);
                break;
            case "value_floats":
                context.Output(0, ElementType.Float32, [value.Floats.Count]);
                break;
            case "value_string":
                context.Output(0, ElementType.String, SymbolicShape.Scalar);
                break;
            case "value_strings":
                context.Output(0, ElementType.String, [value.Strings.Count]);
                break;
        }
    }

    private static void ConstantOfShape(ShapeContext context)
    {
        ElementType type = ElementType.Float32;
        Dimension[]? filling = null;
        if (context.Attribute("value")?.T is { } value)
        {
            InferredValue element = TensorContent.Describe(value);
            if (element.Type.Shape?.ElementCount.IsOne != true)
            {
                context.Fail($"attribute 'value' has shape {element.Type.Shape}, expected one element");
            }

            type = element.Type.ElementType;
            filling = element.Elements;
        }

        SymbolicShape? shape = context.InputElements(0) is { } sizes
            ? SymbolicShape.Create(sizes)
            : context.InputShape(0) is { Rank: 1 } length && length[0].IsConstant && length[0].Value <= ShapeContext.MaxElements ? SymbolicShape.Unknown((int)length[0].Value) : null;
        if (shape is not null && shape.Any(d => d.IsConstant && d.Value < 0))
        {
            context.Fail($"the shape is {shape}, expected sizes of 0 or more");
        }

        Dimension[]? elements = null;
        if (filling is [Dimension one] && shape is { Rank: 1 } && shape[0].IsConstant && shape[0].Value <= ShapeContext.MaxElements)
        {
            elements = new Dimension[shape[0].Value];
            Array.Fill(elements, one);
        }

        context.Output(0, type, shape, elements);
    }

    private static void Shape(ShapeContext context)
    {
        if (context.InputShape(0) is not { } shape)
        {
            context.Output(0, ElementType.Int64, [Dimension.Unknown]);
            return;
        }

        int start = Clamp(context.Int("start", 0), shape.Rank);
        int end = Clamp(context.Int("end", shape.Rank), shape.Rank);
        Dimension[] part = end > start ? shape.AsSpan()[start..end].ToArray() : [];
        context.Output(0, ElementType.Int64, [part.Length], part);
    }

    private static int Clamp(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);

    private static void Range(ShapeContext context)
    {
        for (int i = 0; i < 3; i++)
        {
            if (context.InputShape(i) is { Rank: not 0 } shape)
            {
                context.Fail($"input {i} has shape {shape}, expected a scalar");
            }
        }

        Dimension length = Dimension.Unknown;
        Dimension[]? elements = null;
        if (context.InputElements(0) is [{ IsConstant: true } start] && context.InputElements(1) is [Dimension end] && context.InputElements(2) is [{ IsConstant: true } step])
        {
            if (step.Value == 0)
            {
                context.Fail("the step is 0, expected another one");
            }

            if (end.IsConstant)
            {
                Int128 span = (Int128)end.Value - start.Value;
                Int128 count = Int128.Max(0, (span / step.Value) + (span % step.Value != 0 && (span > 0) == (step.Value > 0) ? 1 : 0));
                length = count <= long.MaxValue ? Dimension.Constant((long)count) : Dimension.Unknown;
                elements = count <= ShapeContext.MaxElements ? [.. Enumerable.Range(0, (int)count).Select(i => Dimension.Element(start.Value + (i * step.Value)))] : null;
            }
            else if (start.Value == 0 && step.Value == 1)
            {
                length = end;
            }
        }

        context.OutputAsInput([length], elements);
    }

    private static void RandomLike(ShapeContext context) =>
        context.Output(0, context.Attribute("dtype") is { } type ? (ElementType)type.I : context.InputType(0), context.InputShape(0));
}
