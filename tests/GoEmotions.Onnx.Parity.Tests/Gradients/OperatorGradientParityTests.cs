using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Parity.Tests.Encoders;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace GoEmotions.Onnx.Parity.Tests.Gradients;

/// <summary>Each row of the gradient table against PyTorch's autograd.</summary>
public sealed class OperatorGradientParityTests
{
    // Both sides are of single precision: some operations of 2^-24 each, relative to the largest element.
    private const double Tolerance = 1e-6;

    // The names alone: the cases' functions belong to PyTorch, which is not touched before it is made to load.
    public static TheoryData<int> Cases { get; } = [.. Enumerable.Range(0, OperatorCase.All.Count())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradient_Operator_AgreesWithPyTorch(int index)
    {
        TorchLibrary.Require();
        OperatorCase compared = OperatorCase.All.ElementAt(index);
        var random = new Random(index);
        float[][] inputs = [.. compared.Shapes.Select(shape => Draw(random, Count(shape), compared.Low))];
        var graph = new GraphBuilder("case");
        GraphValue[] x = [.. compared.Shapes.Select((shape, input) => graph.Input($"x{input}", ElementType.Float32, SymbolicShape.Constant(shape)))];
        GraphValue y = compared.Onnx(graph, x);
        float[] weights = Draw(random, (int)y.Shape.ElementCount.Value, -2);
        GraphValue weight = graph.Constant<float>(weights, [.. y.Shape.Select(dimension => dimension.Value)]);

        // Beside each input itself, so that operators through which nothing flows have a gradient as well.
        GraphValue loss = graph.Node("ReduceSum", [graph.Node("Mul", [y, weight])], ("keepdims", false));
        foreach (GraphValue value in x)
        {
            loss = graph.Node("Add", [loss, graph.Node("ReduceSum", [value], ("keepdims", false))]);
        }

        GradientSet gradients = BackwardGraphBuilder.Build(graph, loss, x);
        graph.Output(loss, "loss");
        foreach (GraphValue value in x)
        {
            graph.Output(gradients.Dense[value], "gradient of " + value.Name);
        }

        using IDisposable scope = NewDisposeScope();
        Tensor[] tensors = [.. inputs.Select((values, input) => tensor(values, compared.Shapes[input]).requires_grad_())];
        Tensor expected = (compared.Torch(tensors) * tensor(weights, [.. y.Shape.Select(dimension => dimension.Value)])).sum();
        foreach (Tensor value in tensors)
        {
            expected += value.sum();
        }

        expected.backward();
        using var session = new InferenceSession(graph.ToModel().ToByteArray());
        using var runOptions = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            runOptions, inputs.Select((values, input) => (values, input)).ToDictionary(pair => $"x{pair.input}", pair => OrtValue.CreateTensorValueFromMemory(pair.values, compared.Shapes[pair.input])), session.OutputNames);
        for (int input = 0; input < inputs.Length; input++)
        {
            float[] wanted = tensors[input].grad!.data<float>().ToArray();
            float[] found = results[input + 1].GetTensorDataAsSpan<float>().ToArray();
            Assert.Equal(wanted.Length, found.Length);
            double error = wanted.Zip(found, (e, f) => float.IsFinite(f) ? Math.Abs(e - f) : double.PositiveInfinity).Max() / wanted.Max(Math.Abs);
            Assert.True(error <= Tolerance, $"{compared.Name}: the gradient of input {input} differs by {error:E1}, expected at most {Tolerance:E1}");
        }
    }

    private static int Count(long[] shape) => (int)shape.Aggregate(1L, (product, size) => product * size);

    private static float[] Draw(Random random, int count, double low) => [.. Enumerable.Range(0, count).Select(_ => (float)(low + ((2 - low) * random.NextDouble())))];
}
