namespace GoEmotions.Onnx.Graphs.Tests;

/// <summary>Small graphs, each of one operator or of one way to compute a shape, for comparing inferred with real shapes.</summary>
internal static class ShapeCases
{
    /// <summary>What the symbols stand for when the graphs run.</summary>
    public static readonly IReadOnlyDictionary<string, long> Sizes = new Dictionary<string, long> { ["batch"] = 2, ["sequence"] = 5, ["n"] = 3 };

    public static readonly IReadOnlyDictionary<string, (int Opset, Func<GraphBuilder, GraphValue[]> Build)> All = Make();

    private static Dictionary<string, (int Opset, Func<GraphBuilder, GraphValue[]> Build)> Make()
    {
        var cases = new Dictionary<string, (int, Func<GraphBuilder, GraphValue[]>)>(StringComparer.Ordinal);
        void Add(string name, Func<GraphBuilder, GraphValue> build, int opset = 21) => cases.Add(name, (opset, builder => [build(builder)]));
        void AddMany(string name, Func<GraphBuilder, GraphValue[]> build, int opset = 21) => cases.Add(name, (opset, build));

        foreach (string unary in new[] { "Exp", "Log", "Sqrt", "Neg", "Abs", "Sign", "Erf", "Gelu", "Tanh", "Sigmoid", "Relu", "Softplus", "Softsign", "Reciprocal", "Sin", "Cos", "Floor", "Ceil", "Round", "Identity", "IsNaN", "IsInf", "LeakyRelu", "Elu", "HardSigmoid" })
        {
            Add(unary, b => b.Node(unary, [Floats(b, "x", "batch", 4)]));
        }

        foreach (string binary in new[] { "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual" })
        {
            Add(binary, b => b.Node(binary, [Floats(b, "x", "batch", 1, 4), Floats(b, "y", "sequence", 4)]));
        }

        foreach (string logic in new[] { "And", "Or", "Xor" })
        {
            Add(logic, b => b.Node(logic, [Bools(b, "x", "batch", 4), Bools(b, "y", 4)]));
        }

        foreach (string reduction in new[] { "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare" })
        {
            Add(reduction, b => b.Node(reduction, [Floats(b, "x", "batch", "sequence", 4), b.Integers(1, -1)]));
            Add(reduction + " without keepdims", b => b.Node(reduction, [Floats(b, "x", "batch", "sequence", 4), b.Integers(0)], ("keepdims", 0L)));
            Add(reduction + " of all", b => b.Node(reduction, [Floats(b, "x", "batch", 4)], ("keepdims", 0L)));
        }

        Add("ReduceMean with axes as attribute", b => b.Node("ReduceMean", [Floats(b, "x", "batch", 4)], ("axes", new long[] { 1 })), 17);
        Add("ReduceSum without axes, as noop", b => b.Node("ReduceSum", [Floats(b, "x", "batch", 4)], ("noop_with_empty_axes", 1L)));
        Add("Not", b => b.Node("Not", [Bools(b, "x", "batch")]));
        Add("Where", b => b.Node("Where", [Bools(b, "c", "batch", 1), Floats(b, "x", 4), b.Scalar(0f)]));
        Add("Clip", b => b.Node("Clip", [Floats(b, "x", "batch"), b.Scalar(0f), null]));
        Add("Mod", b => b.Node("Mod", [Integers(b, "x", "batch"), b.Scalar(3L)]));
        Add("Cast", b => b.Node("Cast", [Integers(b, "x", "batch", 2)], ("to", ElementType.Float32)));
        Add("CastLike", b => b.Node("CastLike", [Integers(b, "x", "batch", 2), Bools(b, "y", 1)]));
        Add("Softmax", b => b.Node("Softmax", [Floats(b, "x", "batch", 4)], ("axis", -1L)));
        Add("LogSoftmax", b => b.Node("LogSoftmax", [Floats(b, "x", "batch", 4)], ("axis", 0L)));
        AddMany("LayerNormalization", b => b.Node("", "LayerNormalization", [Floats(b, "x", "batch", "sequence", 4), Floats(b, "scale", 4), Floats(b, "bias", 4)], 3));
        AddMany("LayerNormalization over two axes", b => b.Node("", "LayerNormalization", [Floats(b, "x", "batch", 3, 4), Floats(b, "scale", 3, 4), null], 3, ("axis", 1L)));
        AddMany("Dropout", b => b.Node("", "Dropout", [Floats(b, "x", "batch", 4), b.Scalar(0.5f), b.Scalar(true)], 2));
        Add("MatMul of matrices", b => b.Node("MatMul", [Floats(b, "x", "batch", 4), Floats(b, "y", 4, 3)]));
        Add("MatMul of batches", b => b.Node("MatMul", [Floats(b, "x", "batch", 1, "sequence", 4), Floats(b, "y", 2, 4, 3)]));
        Add("MatMul of vectors", b => b.Node("MatMul", [Floats(b, "x", 4), Floats(b, "y", 4)]));
        Add("MatMul of matrix and vector", b => b.Node("MatMul", [Floats(b, "x", "batch", 3, 4), Floats(b, "y", 4)]));
        Add("MatMul of vector and matrix", b => b.Node("MatMul", [Floats(b, "x", 4), Floats(b, "y", "batch", 4, 3)]));
        Add("Gemm", b => b.Node("Gemm", [Floats(b, "x", "batch", 4), Floats(b, "w", 3, 4), Floats(b, "c", 3)], ("transB", 1L)));
        Add("Gemm of transposed", b => b.Node("Gemm", [Floats(b, "x", "batch", 4), Floats(b, "y", "batch", 3)], ("transA", 1L), ("alpha", 0.5f)));
        Add("FusedMatMul", b => b.Node(GraphBuilder.MicrosoftDomain, "FusedMatMul", [Floats(b, "x", "batch", 2, "sequence", 4), Floats(b, "y", "batch", 2, "sequence", 4)], 1, ("transB", 1L), ("alpha", 0.5f))[0]);
        Add("FusedMatMul with batches inside", b => b.Node(GraphBuilder.MicrosoftDomain, "FusedMatMul", [Floats(b, "x", "sequence", "batch", 2, 4), Floats(b, "y", "sequence", "batch", 2, 4)], 1, ("transB", 1L), ("transBatchA", 1L), ("transBatchB", 1L))[0]);
        Add("Microsoft Gelu", b => b.Node(GraphBuilder.MicrosoftDomain, "Gelu", [Floats(b, "x", "batch", 4)], 1)[0]);
        Add("Microsoft FastGelu", b => b.Node(GraphBuilder.MicrosoftDomain, "FastGelu", [Floats(b, "x", "batch", 4), Floats(b, "bias", 4)], 1)[0]);
        Add("Microsoft BiasGelu", b => b.Node(GraphBuilder.MicrosoftDomain, "BiasGelu", [Floats(b, "x", "batch", 4), Floats(b, "bias", 4)], 1)[0]);
        Add("Microsoft QuickGelu", b => b.Node(GraphBuilder.MicrosoftDomain, "QuickGelu", [Floats(b, "x", "batch", 4)], 1)[0]);
        Add("Microsoft SkipLayerNormalization", b => b.Node(GraphBuilder.MicrosoftDomain, "SkipLayerNormalization", [Floats(b, "x", "batch", "sequence", 4), Floats(b, "skip", "batch", "sequence", 4), Floats(b, "scale", 4)], 1)[0]);
        AddMany("Attention of rank 3", b => b.Node("", "Attention", [Floats(b, "q", "batch", "sequence", 8), Floats(b, "k", "batch", "n", 4), Floats(b, "v", "batch", "n", 4)], 1, ("q_num_heads", 2L), ("kv_num_heads", 1L)), 24);
        AddMany("Attention of rank 4", b => b.Node("", "Attention", [Floats(b, "q", "batch", 2, "sequence", 4), Floats(b, "k", "batch", 2, "n", 4), Floats(b, "v", "batch", 2, "n", 6)], 1), 24);
        AddMany("Attention with lengths", b => b.Node("", "Attention", [Floats(b, "q", "batch", 1, 8), Floats(b, "k", "batch", "n", 8), Floats(b, "v", "batch", "n", 8), null, null, null, b.Node("Add", [Integers(b, "zeros", "batch"), b.Scalar(2L)])], 1, ("q_num_heads", 2L), ("kv_num_heads", 2L)), 24);
        Add("QuantizeLinear", b => b.Node("QuantizeLinear", [Floats(b, "x", "batch", 4), b.Scalar(0.1f), b.Scalar((byte)7)]));
        Add("QuantizeLinear without zero point", b => b.Node("QuantizeLinear", [Floats(b, "x", "batch", 4), b.Scalar(0.1f)]));
        Add("QuantizeLinear to a type", b => b.Node("QuantizeLinear", [Floats(b, "x", "batch", 4), b.Scalar(0.1f)], ("output_dtype", ElementType.Int8)));
        Add("DequantizeLinear", b => b.Node("DequantizeLinear", [b.Constant<sbyte>([1, 2, 3, 4, 5, 6], 2, 3), b.Constant<float>([1, 2, 3], 3)], ("axis", 1L)));
        Add("MatMulInteger", b => b.Node("MatMulInteger", [b.Node("QuantizeLinear", [Floats(b, "x", "batch", "sequence", 4), b.Scalar(0.1f), b.Scalar((byte)7)]), b.Constant<sbyte>([1, 2, 3, 4], 4, 1), b.Scalar((byte)7)]));
        Add("Microsoft MatMulIntegerToFloat", b => b.Node(GraphBuilder.MicrosoftDomain, "MatMulIntegerToFloat", [b.Node("QuantizeLinear", [Floats(b, "x", "batch", 4), b.Scalar(0.1f), b.Scalar((byte)7)]), b.Constant<sbyte>([1, 2, 3, 4, 5, 6, 7, 8], 4, 2), b.Scalar(0.1f), b.Constant<float>([1, 2], 2), b.Scalar((byte)7), null, b.Constant<float>([1, 2], 2)], 1)[0]);

        AddLayout(Add, AddMany);
        AddIndexing(Add, AddMany);
        return cases;
    }

    private static void AddLayout(Action<string, Func<GraphBuilder, GraphValue>, int> add, Action<string, Func<GraphBuilder, GraphValue[]>, int> addMany)
    {
        void Add(string name, Func<GraphBuilder, GraphValue> build, int opset = 21) => add(name, build, opset);

        Add("Reshape to constants", b => b.Node("Reshape", [Floats(b, "x", 2, 6), b.Integers(3, -1)]));
        Add("Reshape of symbols", b => b.Node("Reshape", [Floats(b, "x", "batch", "sequence", 12), b.Integers(-1, 4)]));
        Add("Reshape with copied axes", b => b.Node("Reshape", [Floats(b, "x", "batch", "sequence", 12), b.Integers(0, 0, 3, -1)]));
        Add("Reshape to a computed shape", b =>
        {
            GraphValue x = Floats(b, "x", "batch", "sequence", 12);
            GraphValue rows = b.Node("Slice", [b.Node("Shape", [x]), b.Integers(0), b.Integers(2)]);
            return b.Node("Reshape", [x, b.Node("Concat", [rows, b.Integers(3, 4)], ("axis", 0L))]);
        });
        Add("Reshape by gathered sizes", b =>
        {
            GraphValue x = Floats(b, "x", "batch", "sequence", 4);
            GraphValue shape = b.Node("Shape", [x]);
            GraphValue batch = b.Node("Gather", [shape, b.Scalar(0L)]);
            GraphValue sequence = b.Node("Gather", [shape, b.Scalar(1L)]);
            GraphValue tokens = b.Node("Unsqueeze", [b.Node("Mul", [batch, sequence]), b.Integers(0)]);
            return b.Node("Reshape", [x, b.Node("Concat", [tokens, b.Integers(4)], ("axis", 0L))]);
        });
        Add("Reshape to a shape vector", b => b.Node("Reshape", [Floats(b, "x", "batch", "sequence", 12), b.ShapeVector(["batch", 3, "sequence", 4])]));
        Add("Transpose", b => b.Node("Transpose", [Floats(b, "x", "batch", "sequence", 4)], ("perm", new long[] { 2, 0, 1 })));
        Add("Transpose without order", b => b.Node("Transpose", [Floats(b, "x", "batch", "sequence", 4)]));
        Add("Flatten", b => b.Node("Flatten", [Floats(b, "x", "batch", "sequence", 4)], ("axis", 2L)));
        Add("Squeeze", b => b.Node("Squeeze", [Floats(b, "x", "batch", 1, 4), b.Integers(1)]));
        Add("Squeeze of all", b => b.Node("Squeeze", [Floats(b, "x", 1, 3, 1)]));
        Add("Unsqueeze", b => b.Node("Unsqueeze", [Floats(b, "x", "batch", 4), b.Integers(0, -1)]));
        Add("Concat", b => b.Node("Concat", [Floats(b, "x", "batch", 4), Floats(b, "y", "batch", 3)], ("axis", -1L)));
        Add("Concat of symbols", b => b.Node("Concat", [Floats(b, "x", "batch", 4), Floats(b, "y", "sequence", 4)], ("axis", 0L)));
        addMany("Split", b => b.Node("", "Split", [Floats(b, "x", "batch", 6)], 3, ("axis", 1L), ("num_outputs", 3L)), 21);
        addMany("Split with remainder", b => b.Node("", "Split", [Floats(b, "x", "batch", 7)], 3, ("axis", 1L), ("num_outputs", 3L)), 21);
        addMany("Split by sizes", b => b.Node("", "Split", [Floats(b, "x", "batch", 6), b.Integers(1, 5)], 2, ("axis", 1L)), 21);
        Add("Slice", b => b.Node("Slice", [Floats(b, "x", "batch", 9), b.Integers(1), b.Integers(8), b.Integers(1), b.Integers(3)]));
        Add("Slice backwards", b => b.Node("Slice", [Floats(b, "x", "batch", 9), b.Integers(-1), b.Integers(-100), b.Integers(1), b.Integers(-2)]));
        Add("Slice of the first token", b => b.Node("Slice", [Floats(b, "x", "batch", "sequence", 4), b.Integers(0), b.Integers(1), b.Integers(1)]));
        Add("Slice of everything", b => b.Node("Slice", [Floats(b, "x", "batch", 4), b.Integers(0), b.Integers(long.MaxValue), b.Integers(0)]));
        Add("Slice of a symbol's length", b => b.Node("Slice", [Floats(b, "table", 9, 4), b.Integers(0), b.Node("Shape", [Floats(b, "x", "sequence")]), b.Integers(0)]));
        Add("Expand", b =>
        {
            Floats(b, "like", "batch", "sequence");
            return b.Node("Expand", [Floats(b, "x", 1, 4), b.ShapeVector(["batch", "sequence", 4])]);
        });
        Add("Tile", b => b.Node("Tile", [Floats(b, "x", "batch", 4), b.Integers(3, 2)]));
        Add("Pad", b => b.Node("Pad", [Floats(b, "x", "batch", 4), b.Integers(0, 1, 0, 2)]));
        Add("Pad by axes", b => b.Node("Pad", [Floats(b, "x", "batch", 4), b.Integers(1, 2), null, b.Integers(-1)]));
    }

    private static void AddIndexing(Action<string, Func<GraphBuilder, GraphValue>, int> add, Action<string, Func<GraphBuilder, GraphValue[]>, int> addMany)
    {
        void Add(string name, Func<GraphBuilder, GraphValue> build, int opset = 21) => add(name, build, opset);

        Add("Gather", b => b.Node("Gather", [Floats(b, "table", 9, 4), Integers(b, "ids", "batch", "sequence")]));
        Add("Gather on an axis", b => b.Node("Gather", [Floats(b, "x", "batch", "sequence", 4), b.Scalar(0L)], ("axis", 1L)));
        Add("GatherElements", b => b.Node("GatherElements", [Floats(b, "x", "batch", 4), Integers(b, "ids", "batch", 2)], ("axis", 1L)));
        Add("GatherND", b => b.Node("GatherND", [Floats(b, "x", 3, 4, 5), Integers(b, "ids", "n", 2)]));
        Add("GatherND of batches", b => b.Node("GatherND", [Floats(b, "x", "batch", 4, 5), Integers(b, "ids", "batch", 1)], ("batch_dims", 1L)));
        Add("ScatterND", b => b.Node("ScatterND", [Floats(b, "x", 9, 4), Integers(b, "ids", "n", 1), Floats(b, "updates", "n", 4)], ("reduction", "add")));
        Add("ScatterElements", b => b.Node("ScatterElements", [Floats(b, "x", "batch", 4), Integers(b, "ids", "batch", 4), Floats(b, "updates", "batch", 4)], ("axis", 1L), ("reduction", "add")));
        Add("OneHot", b => b.Node("OneHot", [Integers(b, "ids", "batch"), b.Scalar(7L), b.Constant<float>([0, 1], 2)]));
        Add("OneHot on an axis", b => b.Node("OneHot", [Integers(b, "ids", "batch", 3), b.Scalar(7L), b.Constant<float>([0, 1], 2)], ("axis", 0L)));
        addMany("TopK", b => b.Node("", "TopK", [Floats(b, "x", "batch", 9), b.Integers(3)], 2), 21);
        Add("ArgMax", b => b.Node("ArgMax", [Floats(b, "x", "batch", 9)], ("axis", -1L), ("keepdims", 0L)));
        Add("ArgMin", b => b.Node("ArgMin", [Floats(b, "x", "batch", 9)], ("axis", 1L)));
        Add("NonZero", b => b.Node("NonZero", [Floats(b, "x", "batch", 4)]));
        Add("CumSum", b => b.Node("CumSum", [Floats(b, "x", "batch", 4), b.Scalar(1L)]));
        Add("Shape", b => b.Node("Shape", [Floats(b, "x", "batch", "sequence", 4)], ("start", 1L)));
        Add("Size", b => b.Node("Size", [Floats(b, "x", "batch", 4)]));
        Add("Range", b => b.Node("Range", [b.Scalar(2L), b.Scalar(9L), b.Scalar(3L)]));
        Add("Range backwards", b => b.Node("Range", [b.Scalar(9L), b.Scalar(2L), b.Scalar(-3L)]));
        Add("Range of a size", b => b.Node("Range", [b.Scalar(0L), b.Node("Gather", [b.Node("Shape", [Floats(b, "x", "batch", "sequence")]), b.Scalar(1L)]), b.Scalar(1L)]));
        Add("ConstantOfShape", b => b.Node("ConstantOfShape", [b.ShapeVector([BatchAnd(b), 3])]));
        Add("ConstantOfShape of int64", b => b.Node("ConstantOfShape", [b.Integers(2, 3)], ("value", new Protobuf.TensorProto { DataType = (int)ElementType.Int64, Dims = { 1 }, Int64Data = { 4 } })));
        Add("Expand to a computed constant", b => b.Node("Expand", [Floats(b, "x", 1, 2), b.Node("ConstantOfShape", [b.Integers(2)], ("value", new Protobuf.TensorProto { DataType = (int)ElementType.Int64, Dims = { 1 }, Int64Data = { 2 } }))]));
        Add("Constant", b => b.Node("Constant", [], ("value_ints", new long[] { 1, 2, 3 })));
        Add("RandomUniformLike", b => b.Node("RandomUniformLike", [Floats(b, "x", "batch", 4)]));
        Add("RandomNormalLike", b => b.Node("RandomNormalLike", [Floats(b, "x", "batch", 4)]));
        Add("Bernoulli", b => b.Node("Bernoulli", [Floats(b, "x", "batch", 4)], ("dtype", ElementType.Bool)));
    }

    // A symbol is read off an input, so one must have it.
    private static Dimension BatchAnd(GraphBuilder builder)
    {
        Floats(builder, "x", "batch");
        return "batch";
    }

    private static GraphValue Floats(GraphBuilder builder, string name, params ReadOnlySpan<Dimension> shape) => builder.Input(name, ElementType.Float32, SymbolicShape.Create(shape));

    private static GraphValue Integers(GraphBuilder builder, string name, params ReadOnlySpan<Dimension> shape) => builder.Input(name, ElementType.Int64, SymbolicShape.Create(shape));

    private static GraphValue Bools(GraphBuilder builder, string name, params ReadOnlySpan<Dimension> shape) => builder.Input(name, ElementType.Bool, SymbolicShape.Create(shape));
}
