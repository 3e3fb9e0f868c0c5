using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Training.Devices;

namespace GoEmotions.Onnx.Training.Tests;

/// <summary>
/// Which operators the graphs of a training are made of. A new one fails here until someone has looked up its kernels for float in
/// ONNX Runtime's docs/OperatorKernels.md, for the CUDA provider, and written it into the table and docs/gradients.md.
/// </summary>
public sealed class EmittedOperatorsTests
{
    // Operator, and the opset of its newest CUDA kernel for float; older opsets have kernels too. That the CPU has them shows when the
    // other tests run the graphs.
    private const string Kernels = """
        Add 14
        Cast 23
        Concat 13
        Div 14
        Dropout 13
        Erf 13
        Exp 13
        Expand 13
        Flatten 13
        Gather 13
        Gelu 20
        Gemm 13
        Greater 13
        Identity 19
        LayerNormalization 17
        MatMul 13
        Mul 14
        Neg 13
        Pow 15
        Range 11
        ReduceMean 18
        ReduceSum 13
        ReduceSumSquare 18
        Relu 14
        Reshape 23
        ScatterElements 18
        Shape 23
        Sigmoid 13
        Size 13
        Softmax 13
        Softplus 1
        Split 18
        Sqrt 13
        Sub 14
        Sum 13
        Tanh 13
        Transpose 23
        Unsqueeze 23
        Where 16
        com.microsoft.FusedMatMul 1
        """;

    [Fact]
    public void EmittedOperators_Graphs_AreTheOnesLookedUp()
    {
        string[] lookedUp = [.. Kernels.Split('\n').Select(line => line.Split(' ')[0])];
        var used = new HashSet<string>();
        foreach ((string name, ModelProto model) in Graphs())
        {
            string[] operators = [.. Operators(model)];
            used.UnionWith(operators);
            string[] unknown = [.. operators.Except(lookedUp)];
            Assert.True(unknown.Length == 0, $"the graph '{name}' has {string.Join(", ", unknown)}: look up the kernels of the CUDA provider, then add a row here and in docs/gradients.md");
        }

        Assert.Equal(lookedUp, used.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Name, ModelProto Model)> Graphs()
    {
        foreach (string architecture in new[] { "bert", "distilbert" })
        {
            EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 50, ["a", "b"], architecture);
            var options = new TrainingGraphOptions { Loss = new LossOptions { FocalGamma = 2, LabelSmoothing = 0.1f, PositiveWeights = [1, 2] } };
            yield return ($"{architecture} on cpu", TrainingGraph.Create(config, TrainingDevice.Cpu.Adapt(options, 1)).Model);
            yield return ($"{architecture} on cuda", TrainingGraph.Create(config, TrainingDevice.Cuda().Adapt(options, 1)).Model);
        }

        yield return ("adamw", BlockGraphs.AdamW());
        yield return ("norm", BlockGraphs.SumOfSquares());
        yield return ("accumulation", BlockGraphs.Accumulate());
        yield return ("copy", BlockGraphs.Copy());
    }

    private static IEnumerable<string> Operators(ModelProto model) =>
        model.Graph.Node.Select(node => node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}").Distinct().Order(StringComparer.Ordinal);
}
