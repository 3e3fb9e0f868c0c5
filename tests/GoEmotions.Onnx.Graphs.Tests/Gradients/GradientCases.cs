namespace GoEmotions.Onnx.Graphs.Tests.Gradients;

/// <summary>The table of cases: at least one for each row of the gradient table.</summary>
internal static class GradientCases
{
    // Single precision throughout, values of size 1.
    private const double SinglePrecision = 2e-6;

    private static readonly CaseInput Matrix = new([3, 4]);

    public static IEnumerable<GradientCase> All => [.. Elementwise, .. Matrices, .. Layout, .. Indexing, .. Reductions, .. Normalizations];

    private static IEnumerable<GradientCase> Elementwise =>
    [
        Unary("Identity", Matrix),
        Unary("Neg", Matrix),
        Unary("Abs", Matrix with { DistanceFromZero = 0.1 }),
        Unary("Sqrt", new([3, 4], 0.5, 2)),
        Unary("Reciprocal", Matrix with { DistanceFromZero = 0.5 }),
        Unary("Exp", Matrix),
        Unary("Log", new([3, 4], 0.5, 2)),
        Unary("Tanh", Matrix),
        Unary("Sigmoid", Matrix),
        Unary("Relu", Matrix with { DistanceFromZero = 0.1 }),
        Unary("Erf", Matrix) with { Reference = Each(Erf), Tolerance = SinglePrecision },
        Unary("Softplus", Matrix) with { Reference = Each(x => Math.Log(1 + Math.Exp(x))), Tolerance = SinglePrecision },
        Unary("Gelu", Matrix) with { Reference = Each(x => x * (1 + Erf(x / Math.Sqrt(2))) / 2), Tolerance = SinglePrecision },
        Unary("Gelu", new([64], -8, 8)) with { Name = "far from 0", Reference = Each(x => x * (1 + Erf(x / Math.Sqrt(2))) / 2), Tolerance = SinglePrecision },
        Unary("Gelu", Matrix, ("approximate", "none")) with { Name = "approximate=none", Reference = Each(x => x * (1 + Erf(x / Math.Sqrt(2))) / 2), Tolerance = SinglePrecision },
        Unary("Gelu", new([64], -8, 8), ("approximate", "tanh")) with { Name = "approximate=tanh", Reference = Each(TanhGelu), Tolerance = SinglePrecision },
        new("Cast", "to float and back", (g, x) => [g.Node("Cast", [g.Node("Cast", [x[0]], ("to", ElementType.Float64))], ("to", x[0].ElementType))], Matrix)
        {
            ReferenceBuild = (g, x) => [x[0]],
            Tolerance = SinglePrecision,
        },

        // Where nothing flows back, something else has to: x + f(x).
        .. new[] { "Sign", "Floor", "Ceil", "Round" }.Select(name => new GradientCase(
            name, "beside its input", (g, x) => [g.Node("Add", [x[0], g.Node(name, [x[0]])])], Steps)),
        .. Binary("Add", Matrix),
        .. Binary("Sub", Matrix),
        .. Binary("Mul", Matrix),
        .. Binary("Div", Matrix with { DistanceFromZero = 0.5 }),
        new("Mul", "by itself", (g, x) => [g.Node("Mul", [x[0], x[0]])], Matrix),
        new("Sum", "three, broadcast", (g, x) => [g.Node("Sum", [x[0], x[1], x[2]])], Matrix, new([4]), new([3, 1])),
        new("Sum", "one", (g, x) => [g.Node("Sum", [x[0]])], Matrix),
        new("Pow", "scalar exponent", (g, x) => [g.Node("Pow", [x[0], g.Scalar(2.5)])], new CaseInput([3, 4], 0.5, 2)),
        new("Pow", "square of negative numbers", (g, x) => [g.Node("Pow", [x[0], g.Scalar(2.0)])], Matrix),
        new("Pow", "integer exponents, broadcast", (g, x) => [g.Node("Pow", [x[0], g.Integers(1, 2, 3, 4)])], new CaseInput([3, 1])),
        new("Where", "broadcast", (g, x) => [g.Node("Where", [Condition(g, 3, 1), x[0], x[1]])], Matrix, new([4])) { AllowsSymbols = false },
        new("Where", "condition larger than both", (g, x) => [g.Node("Where", [Condition(g, 2, 3, 4), x[0], x[1]])], new CaseInput([3, 1]), new([])) { AllowsSymbols = false },
        new("Where", "computed condition", (g, x) => [g.Node("Where", [g.Node("Greater", [x[0], g.Scalar(0.0)]), x[0], x[1]])], Matrix with { DistanceFromZero = 0.1 }, Matrix),
    ];

    private static IEnumerable<GradientCase> Matrices =>
    [
        .. from a in new[] { false, true }
           from b in new[] { false, true }
           from factors in new[] { (1f, 1f), (0.5f, -2f) }
           select new GradientCase(
               "Gemm",
               $"transA={a} transB={b} alpha={factors.Item1} beta={factors.Item2}",
               (g, x) => [g.Node("Gemm", [x[0], x[1], x[2]], ("transA", a), ("transB", b), ("alpha", factors.Item1), ("beta", factors.Item2))],
               new(a ? [4, 3] : [3, 4]),
               new(b ? [5, 4] : [4, 5]),
               new([5])),
        new("Gemm", "no bias", (g, x) => [g.Node("Gemm", [x[0], x[1]])], Matrix, new([4, 5])),
        new("Gemm", "bias [M, 1]", (g, x) => [g.Node("Gemm", [x[0], x[1], x[2]])], Matrix, new([4, 5]), new([3, 1])),
        new("Gemm", "bias [M, N]", (g, x) => [g.Node("Gemm", [x[0], x[1], x[2]])], Matrix, new([4, 5]), new([3, 5])),
        new("Gemm", "scalar bias", (g, x) => [g.Node("Gemm", [x[0], x[1], x[2]])], Matrix, new([4, 5]), new([])),
        .. from shapes in new (long[] A, long[] B)[]
           {
               ([3, 4], [4, 5]), ([2, 3, 4], [4, 5]), ([2, 2, 3, 4], [4, 5]), ([2, 3, 4], [2, 4, 5]), ([3, 4], [2, 4, 5]), ([2, 1, 3, 4], [6, 4, 5]),
               ([4], [4]), ([4], [4, 5]), ([3, 4], [4]), ([2, 3, 4], [4]), ([4], [2, 4, 5]), ([1, 4], [2, 4, 1]),
           }
           select new GradientCase("MatMul", Shapes(shapes.A, shapes.B), (g, x) => [g.Node("MatMul", [x[0], x[1]])], new(shapes.A), new(shapes.B)),
        .. from shapes in new (long[] A, long[] B)[] { ([2, 3, 4], [2, 4, 5]), ([2, 3, 4], [4, 5]), ([3, 4], [2, 4, 5]) }
           from a in new[] { false, true }
           from b in new[] { false, true }
           select new GradientCase(
               "com.microsoft.FusedMatMul",
               $"{Shapes(shapes.A, shapes.B)} transA={a} transB={b}",
               (g, x) => [g.Node(GraphBuilder.MicrosoftDomain, "FusedMatMul", [x[0], x[1]], 1, ("transA", a), ("transB", b), ("alpha", 0.25f))[0]],
               new(a ? Swapped(shapes.A) : shapes.A),
               new(b ? Swapped(shapes.B) : shapes.B))
           {
               ReferenceBuild = (g, x) => [g.Node("Mul", [g.Node("MatMul", [a ? Swap(g, x[0]) : x[0], b ? Swap(g, x[1]) : x[1]]), g.Scalar(0.25)])],
               Tolerance = SinglePrecision,
           },
    ];

    private static IEnumerable<GradientCase> Layout =>
    [
        Unary("Transpose", new([2, 3, 4])),
        Unary("Transpose", new([2, 3, 4]), ("perm", new long[] { 1, 2, 0 })) with { Name = "a cycle of three" },
        new("Reshape", "to constants", (g, x) => [g.Node("Reshape", [x[0], g.Integers(2, 6)])], Matrix) { AllowsSymbols = false },
        new("Reshape", "to 0 and -1", (g, x) => [g.Node("Reshape", [x[0], g.Integers(0, -1)])], new CaseInput([3, 2, 2])),
        Unary("Flatten", new([2, 3, 4]), ("axis", 2L)) with { Name = "axis=2" },
        new("Squeeze", "axes", (g, x) => [g.Node("Squeeze", [x[0], g.Integers(-1)])], new CaseInput([3, 1, 1])),
        new("Squeeze", "all of size 1", (g, x) => [g.Node("Squeeze", [x[0]])], new CaseInput([3, 1, 1])) { AllowsSymbols = false },
        new("Unsqueeze", "two axes", (g, x) => [g.Node("Unsqueeze", [x[0], g.Integers(0, -1)])], Matrix),
        new("Expand", "more axes", (g, x) => [g.Node("Expand", [x[0], g.Integers(2, 3, 4)])], new CaseInput([3, 1])) { AllowsSymbols = false },
        new("Expand", "to less than it has", (g, x) => [g.Node("Expand", [x[0], g.Integers(1, 4)])], new CaseInput([3, 1])),
        .. from axis in new[] { 1L, -2L }
           select new GradientCase(
               "Concat", $"axis={axis}", (g, x) => [g.Node("Concat", [x[0], x[1], x[0]], ("axis", axis))], new CaseInput([2, 3, 4]), new([2, 1, 4])),
        new("Split", "all outputs", (g, x) => g.Node("", "Split", [x[0], g.Integers(1, 3)], 2, ("axis", 1L)), Matrix) { AllowsSymbols = false },
        new("Split", "one output of three", (g, x) => [g.Node("", "Split", [x[0], g.Integers(1, 2, 1)], 3, ("axis", -1L))[1]], Matrix) { AllowsSymbols = false },
        new("Split", "equal parts", (g, x) => g.Node("", "Split", [x[0]], 2, ("axis", 1L), ("num_outputs", 2L)), Matrix),
        new("Split", "equal parts, opset 17", (g, x) => g.Node("", "Split", [x[0]], 2, ("axis", 1L)), Matrix) { Opset = 17 },
    ];

    private static IEnumerable<GradientCase> Indexing =>
    [
        new("Gather", "scalar index", (g, x) => [g.Node("Gather", [x[0], g.Scalar(2L)])], new CaseInput([4, 3])),
        new("Gather", "scalar index, axis 1", (g, x) => [g.Node("Gather", [x[0], g.Scalar(0L)], ("axis", 1L))], new CaseInput([2, 3, 4])),
        new("Gather", "repeated and negative indices", (g, x) => [g.Node("Gather", [x[0], g.Integers(1, 1, -1, 0, 1)])], new CaseInput([4, 3])),
        new("Gather", "matrix of indices", (g, x) => [g.Node("Gather", [x[0], g.Constant<long>([3, 0, 3, 3, 1, 2], 2, 3)])], new CaseInput([4, 3])),
        new("Gather", "matrix of indices, last axis", (g, x) => [g.Node("Gather", [x[0], g.Constant<long>([3, 0, 3, 3, 1, 2], 2, 3)], ("axis", -1L))], new CaseInput([2, 3, 4])),
        new("Gather", "int32 indices, middle axis", (g, x) => [g.Node("Gather", [x[0], g.Constant<int>([2, 2, 0], 3)], ("axis", 1L))], new CaseInput([2, 3, 4])),
        new("GatherElements", "axis 1, repeated and negative", (g, x) => [g.Node("GatherElements", [x[0], g.Constant<long>([0, 0, -1, 1, 3, 3], 3, 2)], ("axis", 1L))], Matrix),
        new("GatherElements", "axis 0, fewer columns", (g, x) => [g.Node("GatherElements", [x[0], g.Constant<long>([2, 2, 0, 1], 2, 2)])], Matrix),
        .. from cut in new (string Name, long[] Starts, long[] Ends, long[]? Axes, long[]? Steps)[]
           {
               ("first axes", [1], [3], null, null),
               ("last axis", [1], [-1], [-1], null),
               ("two axes", [1, 0], [3, 2], [0, 2], null),
               ("steps", [0, 1], [int.MaxValue, 4], [0, 1], [2, 2]),
               ("backwards", [-1], [-1000], [1], [-1]),
               ("backwards by two", [3, -1], [0, int.MinValue], [1, 0], [-2, -1]),
               ("nothing cut", [0], [long.MaxValue], [0], null),
           }
           select new GradientCase(
               "Slice",
               cut.Name,
               (g, x) => [g.Node("Slice", [x[0], g.Integers(cut.Starts), g.Integers(cut.Ends), cut.Axes is null ? null : g.Integers(cut.Axes), cut.Steps is null ? null : g.Integers(cut.Steps)])],
               new CaseInput([4, 5, 3])),
        new("Slice", "sums of overlapping pieces", (g, x) => [g.Node("Add", [Piece(g, x[0], 0, 3), Piece(g, x[0], 2, 5)])], new CaseInput([5, 2])) { AllowsSymbols = false },
    ];

    private static IEnumerable<GradientCase> Reductions =>
    [
        .. from name in new[] { "ReduceSum", "ReduceMean" }
           from keep in new[] { false, true }
           from axes in new long[]?[] { null, [1], [-1, 0], [0, 1, 2] }
           select new GradientCase(
               name,
               $"axes={(axes is null ? "all" : string.Join(",", axes))} keepdims={keep}",
               (g, x) => [g.Node(name, [x[0], axes is null ? null : g.Integers(axes)], ("keepdims", keep))],
               new CaseInput([2, 3, 4])),
        .. from name in new[] { "ReduceSum", "ReduceMean" }
           from noop in new[] { false, true }
           select new GradientCase(
               name,
               $"empty axes, noop={noop}",
               (g, x) => [g.Node(name, [x[0], g.Constant<long>([], 0)], ("keepdims", true), ("noop_with_empty_axes", noop))],
               new CaseInput([2, 3])),
        .. from keep in new[] { false, true }
           select new GradientCase(
               "ReduceMean",
               $"opset 17, axes as an attribute, keepdims={keep}",
               (g, x) => [g.Node("ReduceMean", [x[0]], ("axes", new long[] { -2 }), ("keepdims", keep))],
               new CaseInput([2, 3, 4]))
           {
               Opset = 17,
           },
    ];

    private static IEnumerable<GradientCase> Normalizations =>
    [
        .. from name in new[] { "Softmax", "LogSoftmax" }
           from axis in new long?[] { null, 1, -2 }
           select axis is { } given
               ? Unary(name, new([2, 3, 4]), ("axis", given)) with { Name = $"axis={given}" }
               : Unary(name, new([2, 3, 4])),
        .. from opset in new[] { 17, GraphBuilder.DefaultOpset }
           from axis in new[] { -1L, 1L }
           select new GradientCase(
               "LayerNormalization",
               $"axis={axis} opset {opset}",
               (g, x) => [g.Node("LayerNormalization", [x[0], x[1], x[2]], ("axis", axis), ("epsilon", 1e-3f))],
               new([2, 3, 4]),
               new(axis == 1 ? [3, 4] : [4]),
               new(axis == 1 ? [3, 4] : [4]))
           {
               Opset = opset,
               Tolerance = SinglePrecision,
           },
        new("LayerNormalization", "no bias, scale of one element", (g, x) => [g.Node("LayerNormalization", [x[0], x[1]])], new CaseInput([2, 3, 4]), new([1])) { Tolerance = SinglePrecision },
        new("Dropout", "not training", (g, x) => [g.Node("Dropout", [x[0], g.Scalar(0.5), g.Scalar(false)])], Matrix),
        new("Dropout", "without a mode", (g, x) => [g.Node("Dropout", [x[0]])], Matrix),
    ];

    private static CaseInput Steps => new([3, 4], 0.1, 0.4);

    private static GradientCase Unary(string name, CaseInput input, params (string, AttributeValue)[] attributes) =>
        new(name, "plain", (g, x) => [g.Node(name, [x[0]], attributes)], input);

    private static IEnumerable<GradientCase> Binary(string name, CaseInput input) =>
        from shapes in new (long[] A, long[] B)[] { ([3, 4], [3, 4]), ([3, 4], [4]), ([3, 4], [3, 1]), ([3, 4], []), ([], [3, 4]), ([3, 1], [2, 1, 4]), ([1, 4], [3, 4]) }
        select new GradientCase(name, Shapes(shapes.A, shapes.B), (g, x) => [g.Node(name, [x[0], x[1]])], input with { Shape = shapes.A }, input with { Shape = shapes.B });

    private static GraphValue Condition(GraphBuilder graph, params long[] shape)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        return graph.Constant<bool>([.. Enumerable.Range(0, (int)count).Select(index => index % 3 != 1)], shape);
    }

    private static GraphValue Piece(GraphBuilder graph, GraphValue value, long start, long end) =>
        graph.Node("Slice", [value, graph.Integers(start), graph.Integers(end)]);

    private static GraphValue Swap(GraphBuilder graph, GraphValue value) =>
        graph.Node("Transpose", [value], ("perm", value.Rank == 2 ? [1, 0] : new long[] { 0, 2, 1 }));

    private static long[] Swapped(long[] shape) => [.. shape[..^2], shape[^1], shape[^2]];

    private static string Shapes(long[] a, long[] b) => $"[{string.Join(",", a)}] and [{string.Join(",", b)}]";

    private static Func<double[][], double[]> Each(Func<double, double> function) => inputs => [.. inputs[0].Select(function)];

    // 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1)/(2n+1)!!: all terms have one sign, so nothing cancels (Abramowitz and Stegun 7.1.6).
    private static double Erf(double x)
    {
        double sum = 0;
        double term = x;
        for (int n = 1; Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            sum += term;
            term *= 2 * x * x / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private static double TanhGelu(double x) => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));
}
