namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Operators that work element by element, with broadcasting where they have several inputs.</summary>
internal static class ElementwiseRules
{
    public static IEnumerable<OperatorRule> Rows =>
    [
        .. Unary(TypeSet.Float, 6, "Exp", "Log", "Sqrt", "Tanh", "Sigmoid", "Reciprocal", "Floor", "Ceil"),
        .. Unary(TypeSet.Float, 1, "Softplus", "Softsign"),
        .. Unary(TypeSet.Float, 7, "Sin", "Cos"),
        .. Unary(TypeSet.Float, 11, "Round"),
        .. Unary(TypeSet.Numeric, 6, "Neg", "Abs", "Relu"),
        .. Unary(TypeSet.Numeric, 9, "Sign", "Erf"),
        .. Unary(TypeSet.Bool, 1, "Not"),
        new("Gelu", 20, "T", TypeSet.Float, "approximate:STRING", SameAsInput),
        new("LeakyRelu", 6, "T", TypeSet.Float, "alpha:FLOAT", SameAsInput),
        new("Elu", 6, "T", TypeSet.Float, "alpha:FLOAT", SameAsInput),
        new("HardSigmoid", 6, "T", TypeSet.Float, "alpha:FLOAT beta:FLOAT", SameAsInput),
        new("Identity", 1, "*", TypeSet.Any, "", c => c.OutputAsInput(c.InputShape(0), c.InputElements(0))),
        new("Clip", 6, "T", TypeSet.Numeric, "min:FLOAT max:FLOAT", SameAsInput),
        new("Clip", 11, "T|TT", TypeSet.Numeric, "", SameAsInput),
        new("IsNaN", 9, "F", TypeSet.Any, "", c => c.Output(0, ElementType.Bool, c.InputShape(0))),
        new("IsInf", 10, "F", TypeSet.Any, "detect_negative:INT detect_positive:INT", c => c.Output(0, ElementType.Bool, c.InputShape(0))),
        new("Cast", 6, "*", TypeSet.Any, "to:INT saturate:INT round_mode:STRING", Cast),
        new("CastLike", 15, "**", TypeSet.Any, "saturate:INT round_mode:STRING", c => c.Output(0, c.InputType(1), c.InputShape(0), c.InputElements(0))),
        new("Add", 7, "TT", TypeSet.Numeric, "", c => Arithmetic(c, Dimension.Add)),
        new("Sub", 7, "TT", TypeSet.Numeric, "", c => Arithmetic(c, Subtract)),
        new("Mul", 7, "TT", TypeSet.Numeric, "", c => Arithmetic(c, Dimension.Multiply)),
        new("Div", 7, "TT", TypeSet.Numeric, "", c => Arithmetic(c, Divide)),
        new("Mod", 10, "TT", TypeSet.Numeric, "fmod:INT", Broadcast),
        new("Pow", 7, "TT", TypeSet.Numeric, "", Broadcast),
        new("Pow", 12, "T*", TypeSet.Numeric, "", Broadcast),
        new("Max", 8, "T+", TypeSet.Numeric, "", Broadcast),
        new("Min", 8, "T+", TypeSet.Numeric, "", Broadcast),
        new("Sum", 8, "T+", TypeSet.Float, "", Broadcast),
        new("Mean", 8, "T+", TypeSet.Float, "", Broadcast),
        new("And", 7, "TT", TypeSet.Bool, "", Compare),
        new("Or", 7, "TT", TypeSet.Bool, "", Compare),
        new("Xor", 7, "TT", TypeSet.Bool, "", Compare),
        new("Equal", 7, "TT", TypeSet.Any, "", Compare),
        new("Greater", 7, "TT", TypeSet.Numeric, "", Compare),
        new("Less", 7, "TT", TypeSet.Numeric, "", Compare),
        new("GreaterOrEqual", 12, "TT", TypeSet.Numeric, "", Compare),
        new("LessOrEqual", 12, "TT", TypeSet.Numeric, "", Compare),
        new("Where", 9, "BTT", TypeSet.Any, "", c => c.Output(0, c.InputType(1), c.BroadcastInputs())),
        new("Gelu", 1, "T", TypeSet.Float, "", SameAsInput, Domain: OperatorTable.MicrosoftDomain),
        new("QuickGelu", 1, "T", TypeSet.Float, "alpha:FLOAT", SameAsInput, Domain: OperatorTable.MicrosoftDomain),
        new("FastGelu", 1, "T|T", TypeSet.Float, "", SameAsInput, Domain: OperatorTable.MicrosoftDomain),
        new("BiasGelu", 1, "TT", TypeSet.Float, "", SameAsInput, Domain: OperatorTable.MicrosoftDomain),
    ];

    public static void SameAsInput(ShapeContext context) => context.OutputAsInput(context.InputShape(0));

    private static IEnumerable<OperatorRule> Unary(TypeSet types, int since, params string[] names) =>
        names.Select(name => new OperatorRule(name, since, "T", types, "", name == "Neg" ? Negate : SameAsInput));

    private static void Negate(ShapeContext context) =>
        context.OutputAsInput(context.InputShape(0), context.InputNumbers(0) is { } numbers ? Array.ConvertAll(numbers, n => Dimension.Element(-n)) : null);

    private static void Broadcast(ShapeContext context) => context.OutputAsInput(context.BroadcastInputs());

    private static void Compare(ShapeContext context) => context.Output(0, ElementType.Bool, context.BroadcastInputs());

    private static void Cast(ShapeContext context)
    {
        if (context.Attribute("to") is not { } to)
        {
            context.Fail("has no attribute 'to', expected the element type to cast to");
            return;
        }

        var type = (ElementType)to.I;
        if (type == ElementType.Undefined || !Enum.IsDefined(type))
        {
            context.Fail($"attribute 'to' is {to.I}, expected the number of an element type");
        }

        context.Output(0, type, context.InputShape(0), context.InputElements(0));
    }

    private static void Arithmetic(ShapeContext context, Func<Dimension, Dimension, Dimension> combine)
    {
        SymbolicShape? shape = context.BroadcastInputs();
        Dimension[]? left = context.InputElements(0);
        Dimension[]? right = context.InputElements(1);
        Dimension[]? result = null;
        if (left is not null && right is not null && (left.Length == right.Length || left.Length == 1 || right.Length == 1))
        {
            result = new Dimension[Math.Max(left.Length, right.Length)];
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = combine(left[left.Length == 1 ? 0 : i], right[right.Length == 1 ? 0 : i]);
            }
        }

        context.OutputAsInput(shape, result);
    }

    private static Dimension Subtract(Dimension left, Dimension right) =>
        left.IsConstant && right.IsConstant ? Dimension.Element(left.Value - right.Value) : right is { IsConstant: true, Value: 0 } ? left : Dimension.Unknown;

    // The operator truncates towards zero, as C# does.
    private static Dimension Divide(Dimension left, Dimension right) =>
        left.IsConstant && right is { IsConstant: true, Value: > 0 } ? Dimension.Element(left.Value / right.Value)
        : left.TryDivide(right, out Dimension quotient) ? quotient : Dimension.Unknown;
}
