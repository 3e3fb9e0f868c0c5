using GoEmotions.Onnx.Graphs;
using static TorchSharp.torch;

namespace GoEmotions.Onnx.Parity.Tests.Gradients;

/// <summary>One computation in ONNX and in PyTorch, and the shapes of its inputs.</summary>
internal sealed record OperatorCase(string Name, Func<GraphBuilder, GraphValue[], GraphValue> Onnx, Func<Tensor[], Tensor> Torch, params long[][] Shapes)
{
    /// <summary>Inputs are drawn from [Low, 2].</summary>
    public double Low { get; init; } = -2;

    public static IEnumerable<OperatorCase> All =>
    [
        Unary("Neg", x => -x),
        Unary("Abs", x => x.abs()),
        Unary("Exp", x => x.exp()),
        Unary("Tanh", x => x.tanh()),
        Unary("Sigmoid", x => x.sigmoid()),
        Unary("Softplus", x => nn.functional.softplus(x)),
        Unary("Relu", x => nn.functional.relu(x)),
        Unary("Erf", special.erf),
        Unary("Gelu", x => nn.functional.gelu(x)),
        new("Gelu, tanh", (g, x) => g.Node("Gelu", [x[0]], ("approximate", "tanh")), x => x[0] * 0.5 * (1 + (Math.Sqrt(2 / Math.PI) * (x[0] + (0.044715 * x[0].pow(3)))).tanh()), [8, 16]),
        Unary("Sqrt", x => x.sqrt()) with { Low = 0.5 },
        Unary("Log", x => x.log()) with { Low = 0.5 },
        Unary("Reciprocal", x => x.reciprocal()) with { Low = 0.5 },
        Unary("Sign", x => x.sign()),
        Unary("Floor", x => x.floor()),
        Unary("Ceil", x => x.ceil()),
        Unary("Round", x => x.round()),
        Unary("Identity", x => x.alias()),
        new("Cast", (g, x) => g.Node("Cast", [g.Node("Cast", [x[0]], ("to", ElementType.Float64))], ("to", ElementType.Float32)), x => x[0].to(float64).to(float32), [5, 4]),
        new("Add", (g, x) => g.Node("Add", [x[0], x[1]]), x => x[0] + x[1], [3, 1, 4], [5, 1]),
        new("Sub", (g, x) => g.Node("Sub", [x[0], x[1]]), x => x[0] - x[1], [3, 1, 4], [5, 1]),
        new("Mul", (g, x) => g.Node("Mul", [x[0], x[1]]), x => x[0] * x[1], [3, 1, 4], [5, 1]),
        new("Div", (g, x) => g.Node("Div", [x[0], x[1]]), x => x[0] / x[1], [3, 1, 4], [5, 1]) { Low = 0.5 },
        new("Sum", (g, x) => g.Node("Sum", [x[0], x[1], x[0]]), x => x[0] + x[1] + x[0], [3, 4], [4]),
        new("Pow", (g, x) => g.Node("Pow", [x[0], g.Scalar(1.5f)]), x => x[0].pow(1.5), [3, 4]) { Low = 0.1 },
        new("Where", (g, x) => g.Node("Where", [g.Node("Less", [x[0], x[1]]), x[0], x[1]]), x => where(x[0].lt(x[1]), x[0], x[1]), [3, 4], [4]),
        new("Gemm", (g, x) => g.Node("Gemm", [x[0], x[1], x[2]], ("transB", true), ("alpha", 0.5f), ("beta", 3f)), x => (0.5 * matmul(x[0], x[1].t())) + (3 * x[2]), [6, 4], [5, 4], [5]),
        new("Gemm, transA", (g, x) => g.Node("Gemm", [x[0], x[1]], ("transA", true)), x => matmul(x[0].t(), x[1]), [4, 6], [4, 5]),
        new("MatMul", (g, x) => g.Node("MatMul", [x[0], x[1]]), x => matmul(x[0], x[1]), [2, 3, 6, 4], [3, 4, 5]),
        new("MatMul, one matrix", (g, x) => g.Node("MatMul", [x[0], x[1]]), x => matmul(x[0], x[1]), [2, 6, 4], [4, 5]),
        new("MatMul, vectors", (g, x) => g.Node("MatMul", [g.Node("MatMul", [x[0], x[1]]), x[2]]), x => matmul(matmul(x[0], x[1]), x[2]), [4], [4, 5], [5]),
        new(
            "FusedMatMul",
            (g, x) => g.Node(GraphBuilder.MicrosoftDomain, "FusedMatMul", [x[0], x[1]], 1, ("transB", true), ("alpha", 0.25f))[0],
            x => 0.25 * matmul(x[0], x[1].transpose(1, 2)),
            [2, 6, 4],
            [2, 5, 4]),
        new("Transpose", (g, x) => g.Node("Transpose", [x[0]], ("perm", new long[] { 2, 0, 1 })), x => x[0].permute(2, 0, 1), [2, 3, 4]),
        new("Reshape", (g, x) => g.Node("Reshape", [x[0], g.Integers(6, -1)]), x => x[0].reshape(6, -1), [2, 3, 4]),
        new("Flatten", (g, x) => g.Node("Flatten", [x[0]]), x => x[0].flatten(1), [2, 3, 4]),
        new("Squeeze", (g, x) => g.Node("Squeeze", [x[0], g.Integers(1)]), x => x[0].squeeze(1), [2, 1, 4]),
        new("Unsqueeze", (g, x) => g.Node("Unsqueeze", [x[0], g.Integers(1)]), x => x[0].unsqueeze(1), [2, 4]),
        new("Expand", (g, x) => g.Node("Expand", [x[0], g.Integers(3, 2, 4)]), x => x[0].expand(3, 2, 4), [2, 1]),
        new("Concat", (g, x) => g.Node("Concat", [x[0], x[1]], ("axis", 1L)), x => cat([x[0], x[1]], 1), [2, 3], [2, 4]),
        new("Split", (g, x) => g.Node("", "Split", [x[0], g.Integers(1, 4)], 2, ("axis", 1L))[1], x => x[0].split([1, 4], 1)[1], [3, 5]),
        new("Gather", (g, x) => g.Node("Gather", [x[0], g.Integers(1, 3, 1, 1)]), x => x[0].index_select(0, tensor([1L, 3, 1, 1])), [4, 3]),
        new("GatherElements", (g, x) => g.Node("GatherElements", [x[0], g.Constant<long>([1, 1, 0, 2], 2, 2)], ("axis", 1L)), x => x[0].gather(1, tensor([1L, 1, 0, 2], [2, 2])), [2, 3]),
        new("Slice", (g, x) => g.Node("Slice", [x[0], g.Integers(1), g.Integers(5), g.Integers(1), g.Integers(2)]), x => x[0].slice(1, 1, 5, 2), [3, 6]),
        new("ReduceSum", (g, x) => g.Node("ReduceSum", [x[0], g.Integers(0, 2)], ("keepdims", false)), x => x[0].sum([0L, 2L]), [2, 3, 4]),
        new("ReduceMean", (g, x) => g.Node("ReduceMean", [x[0], g.Integers(1)], ("keepdims", true)), x => x[0].mean([1L], keepdim: true), [2, 3, 4]),
        new("Softmax", (g, x) => g.Node("Softmax", [x[0]], ("axis", 1L)), x => x[0].softmax(1), [3, 7, 2]),
        new("LogSoftmax", (g, x) => g.Node("LogSoftmax", [x[0]]), x => nn.functional.log_softmax(x[0], -1), [3, 7]),
        new(
            "LayerNormalization",
            (g, x) => g.Node("LayerNormalization", [x[0], x[1], x[2]], ("epsilon", 1e-3f)),
            x => nn.functional.layer_norm(x[0], [8], x[1], x[2], 1e-3),
            [5, 8],
            [8],
            [8]),
        new("Dropout, off", (g, x) => g.Node("Dropout", [x[0], g.Scalar(0.5f), g.Scalar(false)]), x => nn.functional.dropout(x[0], 0.5, training: false), [3, 4]),
    ];

    private static OperatorCase Unary(string name, Func<Tensor, Tensor> function) => new(name, (g, x) => g.Node(name, [x[0]]), x => function(x[0]), [8, 16]);
}
