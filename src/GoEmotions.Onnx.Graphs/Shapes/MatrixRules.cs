namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Matrix products and attention.</summary>
internal static class MatrixRules
{
    private const string Fused = "alpha:FLOAT transA:INT transB:INT transBatchA:INT transBatchB:INT";

    private const string AttentionAttributes =
        "is_causal:INT kv_num_heads:INT q_num_heads:INT qk_matmul_output_mode:INT scale:FLOAT softcap:FLOAT softmax_precision:INT";

    public static IEnumerable<OperatorRule> Rows =>
    [
        new("MatMul", 1, "TT", TypeSet.Numeric, "", c => Product(c, false, false, false, false)),
        new("Gemm", 7, "TTT", TypeSet.Numeric, "alpha:FLOAT beta:FLOAT transA:INT transB:INT", Gemm),
        new("Gemm", 11, "TT|T", TypeSet.Numeric, "alpha:FLOAT beta:FLOAT transA:INT transB:INT", Gemm),
        new("FusedMatMul", 1, "TT", TypeSet.Float, Fused, FusedMatMul, Domain: OperatorTable.MicrosoftDomain),
        new("Attention", 23, "TTT|*TT", TypeSet.Float, AttentionAttributes, Attention, MaxOutputs: 4),
        new("Attention", 24, "TTT|*TTL", TypeSet.Float, AttentionAttributes, Attention, MaxOutputs: 4),
    ];

    private static void FusedMatMul(ShapeContext context) => Product(
        context, context.Int("transA", 0) != 0, context.Int("transB", 0) != 0, context.Int("transBatchA", 0) != 0, context.Int("transBatchB", 0) != 0);

    private static void Gemm(ShapeContext context)
    {
        if (context.InputShape(0) is not { } a || context.InputShape(1) is not { } b)
        {
            context.OutputAsInput(SymbolicShape.Unknown(2));
            return;
        }

        context.RequireRank(0, a, 2, 2);
        context.RequireRank(1, b, 2, 2);
        bool transposeA = context.Int("transA", 0) != 0;
        bool transposeB = context.Int("transB", 0) != 0;
        RequireInner(context, transposeA ? a[0] : a[1], transposeB ? b[1] : b[0], a, b);
        SymbolicShape result = [transposeA ? a[1] : a[0], transposeB ? b[0] : b[1]];
        if (context.InputShape(2) is { } bias)
        {
            context.RequireRank(2, bias, 0, 2);
            for (int fromEnd = 1; fromEnd <= bias.Rank; fromEnd++)
            {
                Dimension have = bias[bias.Rank - fromEnd];
                if (!have.IsOne)
                {
                    context.Same(have, result[2 - fromEnd], $"input 2 of shape {bias} and the product of shape {result}, along one axis,");
                }
            }
        }

        context.OutputAsInput(result);
    }

    private static void RequireInner(ShapeContext context, Dimension left, Dimension right, SymbolicShape a, SymbolicShape b) =>
        context.Same(left, right, $"the inner dimensions of {a} and {b}");

    /// <summary>A product of inputs 0 and 1 as they stand, whose output has a type of its own.</summary>
    public static void Product(ShapeContext context, ElementType type)
    {
        Product(context, false, false, false, false);
        context.Output(0, type, context.Outputs[0].Type.Shape);
    }

    private static void Product(ShapeContext context, bool transposeA, bool transposeB, bool transposeBatchA, bool transposeBatchB)
    {
        if (context.InputShape(0) is not { } left || context.InputShape(1) is not { } right)
        {
            context.OutputAsInput(null);
            return;
        }

        context.RequireRank(0, left, 1);
        context.RequireRank(1, right, 1);
        Dimension[] a = Arrange(left, transposeBatchA, transposeA && left.Rank > 1);
        Dimension[] b = Arrange(right, transposeBatchB, transposeB && right.Rank > 1);

        // A vector is a row on the left and a column on the right; that axis is dropped from the result.
        if (left.Rank == 1)
        {
            a = [1, .. a];
        }

        if (right.Rank == 1)
        {
            b = [.. b, 1];
        }

        RequireInner(context, a[^1], b[^2], left, right);
        SymbolicShape batch = context.Broadcast(SymbolicShape.Create(a.AsSpan(0, a.Length - 2)), SymbolicShape.Create(b.AsSpan(0, b.Length - 2)))!;
        var result = new List<Dimension>(batch);
        if (left.Rank > 1)
        {
            result.Add(a[^2]);
        }

        if (right.Rank > 1)
        {
            result.Add(b[^1]);
        }

        context.OutputAsInput(SymbolicShape.Create([.. result]));
    }

    // transBatch: the matrix's first axis is stored before the batch axes, [M, batch..., K].
    private static Dimension[] Arrange(SymbolicShape shape, bool transposeBatch, bool transpose)
    {
        Dimension[] dimensions = [.. shape];
        if (transposeBatch && shape.Rank > 2)
        {
            dimensions = [.. dimensions[1..^1], dimensions[0], dimensions[^1]];
        }

        if (transpose)
        {
            (dimensions[^1], dimensions[^2]) = (dimensions[^2], dimensions[^1]);
        }

        return dimensions;
    }

    // Q, K, V are [batch, heads, sequence, size] or, with the numbers of heads as attributes, [batch, sequence, heads * size].
    private static void Attention(ShapeContext context)
    {
        if (context.InputShape(0) is not { } q || context.InputShape(1) is not { } k || context.InputShape(2) is not { } v)
        {
            context.OutputAsInput(null);
            return;
        }

        for (int i = 0; i < 3; i++)
        {
            context.RequireRank(i, context.InputShape(i)!, 3, 4);
        }

        if (q.Rank != k.Rank || q.Rank != v.Rank)
        {
            context.Fail($"inputs have shapes {q}, {k} and {v}, expected three of rank 3 or three of rank 4");
        }

        long queryHeads = context.Int("q_num_heads", 0);
        long keyHeads = context.Int("kv_num_heads", 0);
        if (q.Rank == 3 && (queryHeads <= 0 || keyHeads <= 0))
        {
            context.Fail($"attributes q_num_heads and kv_num_heads are {queryHeads} and {keyHeads}, expected positive ones as the inputs have rank 3");
        }

        Dimension heads = q.Rank == 4 ? q[1] : queryHeads;
        Dimension groups = q.Rank == 4 ? v[1] : keyHeads;
        Dimension querySize = q.Rank == 4 ? q[3] : Part(context, q[2], heads, 0);
        Dimension keySize = k.Rank == 4 ? k[3] : Part(context, k[2], groups, 1);
        Dimension size = v.Rank == 4 ? v[3] : Part(context, v[2], groups, 2);
        Dimension queries = q[q.Rank - 2];
        Dimension keys = context.Same(k[k.Rank - 2], v[v.Rank - 2], "the sequence lengths of inputs 1 and 2");
        Dimension batch = context.Same(q[0], context.Same(k[0], v[0], "the batch dimensions of inputs 1 and 2"), "the batch dimensions of inputs 0 and 1");
        context.Same(querySize, keySize, "the head sizes of inputs 0 and 1");
        Dimension total = context.InputShape(4) is { Rank: 4 } past ? Dimension.Add(past[2], keys) : keys;
        context.Output(0, context.InputType(0), q.Rank == 4 ? [batch, heads, queries, size] : [batch, queries, heads * size]);
        context.Output(1, context.InputType(1), [batch, groups, total, keySize]);
        context.Output(2, context.InputType(2), [batch, groups, total, size]);
        context.Output(3, context.InputType(0), [batch, heads, queries, total]);
    }

    private static Dimension Part(ShapeContext context, Dimension hidden, Dimension heads, int input)
    {
        if (!hidden.TryDivide(heads, out Dimension size) && hidden.IsConstant)
        {
            context.Fail($"input {input} has {hidden} columns, expected a multiple of its {heads} heads");
        }

        return size;
    }
}
