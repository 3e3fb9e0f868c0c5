namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>Matrix products.</summary>
internal static class MatrixGradients
{
    public static IEnumerable<GradientRule> Rows =>
    [
        new("", "Gemm", 11, Gemm),
        new("", "MatMul", 9, c => Product(c, transposeA: false, transposeB: false, 1)),
        new(GraphBuilder.MicrosoftDomain, "FusedMatMul", 1, Fused),
    ];

    // Y = alpha op(A) op(B) + beta C. With op the identity: dA = alpha dY B', dB = alpha A' dY; a transposed input's gradient is
    // the transpose of that, which Gemm makes by itself.
    private static void Gemm(GradientContext c)
    {
        bool transposeA = c.Int("transA", 0) != 0;
        bool transposeB = c.Int("transB", 0) != 0;
        float alpha = c.Float("alpha", 1);
        float beta = c.Float("beta", 1);
        c.Give(0, () => transposeA
            ? c.Graph.Gemm(c.Input(1), c.Gradient, transposeB, true, alpha)
            : c.Graph.Gemm(c.Gradient, c.Input(1), false, !transposeB, alpha));
        c.Give(1, () => transposeB
            ? c.Graph.Gemm(c.Gradient, c.Input(0), true, transposeA, alpha)
            : c.Graph.Gemm(c.Input(0), c.Gradient, !transposeA, false, alpha));
        c.Give(2, () => beta == 1 ? c.Gradient : c.Graph.Mul(c.Gradient, beta));
    }

    private static void Fused(GradientContext c)
    {
        if (c.Int("transBatchA", 0) != 0 || c.Int("transBatchB", 0) != 0)
        {
            c.Fail("attributes transBatchA and transBatchB have no gradient rule, expected them to be 0. Transpose the input instead.");
        }

        Product(c, c.Int("transA", 0) != 0, c.Int("transB", 0) != 0, c.Float("alpha", 1));
    }

    private static void Product(GradientContext c, bool transposeA, bool transposeB, float alpha)
    {
        // A vector is a matrix of one row on the left, of one column on the right, and the product lacks that axis.
        GraphValue a = Matrix(c.Input(0), 0);
        GraphValue b = Matrix(c.Input(1), 1);
        GraphValue gradient = c.Gradient;
        gradient = c.Input(1).Rank > 1 ? gradient : Insert(gradient, -1);
        gradient = c.Input(0).Rank > 1 ? gradient : Insert(gradient, -2);
        if (b.Rank == 2 && !transposeA)
        {
            MatrixOfManyRows(c, a, b, gradient, transposeB, alpha);
            return;
        }

        c.Give(0, () => transposeA ? Multiply(c, b, gradient, transposeB, true, alpha) : Multiply(c, gradient, b, false, !transposeB, alpha));
        c.Give(1, () =>
        {
            GraphValue product = transposeB ? Multiply(c, gradient, a, true, transposeA, alpha) : Multiply(c, a, gradient, !transposeA, false, alpha);
            return c.Input(1).Rank > 1 ? product : c.Graph.Node("Squeeze", [product, c.Graph.Integers(-1)]);
        });

        GraphValue Matrix(GraphValue value, long axis) => value.Rank > 1 ? value : Insert(value, axis);

        GraphValue Insert(GraphValue value, long axis) => c.Graph.Node("Unsqueeze", [value, c.Graph.Integers(axis)]);
    }

    // [..., K] x [K, N]: one Gemm over all rows instead of one product per batch and a sum over them.
    private static void MatrixOfManyRows(GradientContext c, GraphValue a, GraphValue b, GraphValue gradient, bool transposeB, float alpha)
    {
        gradient = Rows(gradient);
        c.Give(0, () => c.Graph.ReshapeAs(c.Graph.Gemm(gradient, b, false, !transposeB, alpha), c.Input(0)));
        c.Give(1, () => c.Graph.ReshapeAs(
            transposeB ? c.Graph.Gemm(gradient, Rows(a), true, false, alpha) : c.Graph.Gemm(Rows(a), gradient, true, false, alpha),
            c.Input(1)));

        GraphValue Rows(GraphValue value) => c.Graph.Flatten(value, value.Rank - 1);
    }

    private static GraphValue Multiply(GradientContext c, GraphValue left, GraphValue right, bool transposeLeft, bool transposeRight, float alpha)
    {
        if (left.ElementType == ElementType.Float32 && !c.StandardOperatorsOnly)
        {
            return c.Graph.Node(GraphBuilder.MicrosoftDomain, "FusedMatMul", [left, right], 1, ("transA", transposeLeft), ("transB", transposeRight), ("alpha", alpha))[0];
        }

        // FusedMatMul has a kernel for float alone on the CPU.
        GraphValue product = c.Graph.Node("MatMul", [transposeLeft ? Swap(left) : left, transposeRight ? Swap(right) : right]);
        return alpha == 1 ? product : c.Graph.Mul(product, alpha);

        GraphValue Swap(GraphValue value)
        {
            long[] permutation = [.. Enumerable.Range(0, value.Rank).Select(axis => (long)axis)];
            (permutation[^1], permutation[^2]) = (permutation[^2], permutation[^1]);
            return c.Graph.Transpose(value, permutation);
        }
    }
}
