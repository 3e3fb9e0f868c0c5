using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Protobuf;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests.Gradients;

/// <summary>The gradients of a case's loss, the sum of all outputs' elements times fixed random weights, by the gradient graph and by central differences.</summary>
internal static class GradientProbe
{
    private const double Width = 1e-5;

    /// <summary>The largest difference between the two, relative to the largest element of each gradient.</summary>
    public static double WorstError(GradientCase tested, bool symbolic, int seed)
    {
        var random = new Random(seed);
        double[][] inputs = [.. tested.Inputs.Select(input => input.Draw(random))];
        using var forward = new InferenceSession(Forward(tested, ElementType.Float64, symbolic).ToByteArray(), OnnxRun.Options());
        double[][] outputs = Evaluate(tested, forward, inputs, out long[][] shapes);
        double[][] weights = [.. outputs.Select(output => new CaseInput([output.Length]).Draw(random))];
        double[][] found = Gradients(tested, symbolic, inputs, weights, shapes, outputs);
        double worst = 0;
        for (int input = 0; input < inputs.Length; input++)
        {
            double[] expected = Differences(tested, forward, inputs, weights, input);
            Assert.Equal(expected.Length, found[input].Length);
            worst = Math.Max(worst, Error(expected, found[input]));
        }

        return worst;
    }

    public static double Error(double[] expected, double[] found)
    {
        double scale = Math.Max(expected.Max(Math.Abs), 1e-3);
        return expected.Zip(found, (e, f) => double.IsNaN(f) ? double.PositiveInfinity : Math.Abs(e - f) / scale).Max();
    }

    public static OrtValue Tensor(double[] values, ElementType type, long[] shape) => type == ElementType.Float64
        ? OnnxRun.Tensor(values, shape)
        : OnnxRun.Tensor(Array.ConvertAll(values, value => (float)value), shape);

    public static double[] Read(OrtValue value, ElementType type) => type == ElementType.Float64
        ? value.GetTensorDataAsSpan<double>().ToArray()
        : Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), element => (double)element);

    private static double[][] Gradients(GradientCase tested, bool symbolic, double[][] inputs, double[][] weights, long[][] shapes, double[][] outputs)
    {
        ElementType type = tested.Type;
        var graph = new GraphBuilder("gradients", tested.Opset);
        GraphValue[] x = Inputs(graph, tested, type, symbolic);
        GraphValue[] y = tested.Build(graph, x);
        GraphValue? loss = null;
        for (int i = 0; i < y.Length; i++)
        {
            Assert.Equal(type, y[i].ElementType);
            GraphValue term = graph.Node("ReduceSum", [graph.Node("Mul", [y[i], graph.Input($"w{i}", type, y[i].Shape)])], ("keepdims", false));
            loss = loss is null ? term : graph.Node("Add", [loss, term]);
        }

        GradientSet set = BackwardGraphBuilder.Build(graph, loss!, x);
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(x[i].Shape.Rank, set.Dense[x[i]].Shape.Rank);
            graph.Output(set.Dense[x[i]], $"dx{i}");
        }

        for (int i = 0; i < y.Length; i++)
        {
            graph.Output(y[i], $"y{i}");
        }

        ModelProto model = graph.ToModel();
        GraphChecker.Check(model);
        var values = new Dictionary<string, OrtValue>();
        for (int i = 0; i < x.Length; i++)
        {
            values.Add($"x{i}", Tensor(inputs[i], type, tested.Inputs[i].Shape));
        }

        for (int i = 0; i < y.Length; i++)
        {
            values.Add($"w{i}", Tensor(weights[i], type, shapes[i]));
        }

        using var session = new InferenceSession(model.ToByteArray(), OnnxRun.Options());
        using var runOptions = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, values, session.OutputNames);
        for (int i = 0; i < y.Length; i++)
        {
            Assert.True(Error(outputs[i], Read(results[x.Length + i], type)) < tested.Tolerance, $"{tested}: the reference computes something else");
        }

        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(tested.Inputs[i].Shape, results[i].GetTensorTypeAndShape().Shape);
        }

        return [.. x.Select((_, index) => Read(results[index], type))];
    }

    private static double[] Differences(GradientCase tested, InferenceSession forward, double[][] inputs, double[][] weights, int input)
    {
        var gradient = new double[inputs[input].Length];
        for (int i = 0; i < gradient.Length; i++)
        {
            double at = inputs[input][i];
            gradient[i] = (LossAt(at + Width) - LossAt(at - Width)) / (2 * Width);
            inputs[input][i] = at;

            double LossAt(double value)
            {
                inputs[input][i] = value;
                return Evaluate(tested, forward, inputs, out _).Zip(weights, (y, w) => y.Zip(w, (a, b) => a * b).Sum()).Sum();
            }
        }

        return gradient;
    }

    private static double[][] Evaluate(GradientCase tested, InferenceSession forward, double[][] inputs, out long[][] shapes)
    {
        if (tested.Reference is { } reference)
        {
            double[] output = reference(inputs);
            shapes = [output.Length == tested.Inputs[0].Count ? tested.Inputs[0].Shape : throw new InvalidOperationException($"{tested}: a reference in C# gives the shape of the first input.")];
            return [output];
        }

        var values = new Dictionary<string, OrtValue>();
        for (int i = 0; i < inputs.Length; i++)
        {
            values.Add($"x{i}", Tensor(inputs[i], ElementType.Float64, tested.Inputs[i].Shape));
        }

        using var runOptions = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = forward.Run(runOptions, values, forward.OutputNames);
        shapes = [.. results.Select(result => result.GetTensorTypeAndShape().Shape)];
        return [.. results.Select(result => Read(result, ElementType.Float64))];
    }

    private static ModelProto Forward(GradientCase tested, ElementType type, bool symbolic)
    {
        var graph = new GraphBuilder("forward", tested.Opset);
        GraphValue[] x = Inputs(graph, tested, type, symbolic);
        GraphValue[] y = tested.Reference is null ? (tested.ReferenceBuild ?? tested.Build)(graph, x) : x;
        for (int i = 0; i < y.Length; i++)
        {
            graph.Output(y[i], $"y{i}");
        }

        return graph.ToModel();
    }

    // Where shapes are symbolic, sizes that are equal have one symbol, and a size of 1 stays what it is: it broadcasts.
    private static GraphValue[] Inputs(GraphBuilder graph, GradientCase tested, ElementType type, bool symbolic) =>
    [
        .. tested.Inputs.Select((input, index) => graph.Input(
            $"x{index}", type, SymbolicShape.Create([.. input.Shape.Select(size => symbolic && size > 1 ? (Dimension)$"n{size}" : size)]))),
    ];
}
