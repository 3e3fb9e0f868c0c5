using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Weights;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests.Gradients;

public sealed class BackwardGraphBuilderTests
{
    [Fact]
    public void Build_ValueUsedSeveralTimes_AddsItsGradientsUp()
    {
        var graph = new GraphBuilder("several");
        GraphValue x = graph.Input("x", ElementType.Float32, [3]);
        GraphValue twice = graph.Node("Add", [x, x]);
        GraphValue cube = graph.Node("Mul", [graph.Node("Mul", [x, x]), x]);
        GraphSet result = Differentiate(graph, graph.Node("Add", [twice, cube]), x);

        // 2 + 3x^2
        Assert.Equal([5f, 14, 29], result.Run(("x", [1, 2, 3], [3]))[0]);
        Assert.Equal(1, result.Model.Graph.Node.Count(node => node.OpType == "Sum"));
    }

    [Fact]
    public void Build_ValueThatNeedsNoGradient_AddsNothingForIt()
    {
        var graph = new GraphBuilder("one side");
        GraphValue x = graph.Input("x", ElementType.Float32, [2, 3]);
        GraphValue y = graph.Input("y", ElementType.Float32, [3, 2]);
        GraphSet result = Differentiate(graph, graph.Node("Gemm", [x, graph.Node("Exp", [y])]), x);
        Assert.Equal([x], result.Gradients.Dense.Keys);

        // Forward Gemm, and one Gemm back.
        Assert.Equal(2, result.Model.Graph.Node.Count(node => node.OpType == "Gemm"));
        Assert.Equal(1, result.Model.Graph.Node.Count(node => node.OpType == "Exp"));
    }

    [Fact]
    public void Build_ParameterThatTheLossDoesNotDependOn_HasNoGradient()
    {
        var graph = new GraphBuilder("idle");
        GraphValue x = graph.Input("x", ElementType.Float32, [2]);
        GraphValue idle = graph.Input("idle", ElementType.Float32, [2]);
        graph.Output(graph.Node("Exp", [idle]), "aside");
        GradientSet gradients = BackwardGraphBuilder.Build(graph, Sum(graph, x), [x, idle]);
        Assert.Equal([x], gradients.Dense.Keys);
        Assert.Empty(gradients.Rows);
    }

    [Fact]
    public void Build_OnlyIntegersDependOnAParameter_HasNoGradient()
    {
        var graph = new GraphBuilder("integers");
        GraphValue x = graph.Input("x", ElementType.Float32, [2, 3]);
        GraphValue y = graph.Input("y", ElementType.Float32, [1, 3]);
        GraphValue expanded = graph.Node("Expand", [y, graph.Node("Shape", [x])]);
        GradientSet gradients = BackwardGraphBuilder.Build(graph, Sum(graph, expanded), [x, y]);
        Assert.Equal([y], gradients.Dense.Keys);
    }

    [Fact]
    public void Build_OperatorWithoutRuleBesideTheLoss_DoesNotMatter()
    {
        var graph = new GraphBuilder("metric");
        GraphValue x = graph.Input("x", ElementType.Float32, [2, 3]);
        graph.Output(graph.Node("", "TopK", [x, graph.Integers(1)], 2)[0], "best");
        GraphSet result = Differentiate(graph, x, x);
        Assert.Equal([1f, 1, 1, 1, 1, 1], result.Run(("x", new float[6], [2, 3]))[1]);
    }

    [Fact]
    public void Build_IntermediateValueAsParameter_GetsItsGradient()
    {
        var graph = new GraphBuilder("intermediate");
        GraphValue x = graph.Input("x", ElementType.Float32, [2]);
        GraphValue middle = graph.Node("Elu", [x]);
        GraphValue y = graph.Node("Mul", [middle, middle]);
        GraphSet result = Differentiate(graph, y, middle, y);
        float[][] found = result.Run(("x", [3, 5], [2]));
        Assert.Equal([6f, 10], found[0]);
        Assert.Equal([1f, 1], found[1]);
    }

    [Fact]
    public void Build_LossItselfAsParameter_HasGradientOne()
    {
        var graph = new GraphBuilder("itself");
        GraphValue x = graph.Input("x", ElementType.Float32, [1, 1]);
        GradientSet gradients = BackwardGraphBuilder.Build(graph, x, [x]);
        graph.Output(gradients.Dense[x], "g");
        Assert.Equal([1f], new GraphSet(graph.ToModel(), gradients).Run(("x", [7], [1, 1]))[0]);
    }

    [Fact]
    public void Build_LossThatIsNoScalar_Throws()
    {
        var graph = new GraphBuilder("vector");
        GraphValue x = graph.Input("x", ElementType.Float32, [3]);
        GraphException error = Assert.Throws<GraphException>(() => BackwardGraphBuilder.Build(graph, x, [x]));
        Assert.Contains("'x: float[3]' is no single number", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_ForeignOrIntegerValues_Throws()
    {
        var graph = new GraphBuilder("mine");
        GraphValue x = graph.Input("x", ElementType.Float32, [3]);
        GraphValue ids = graph.Input("ids", ElementType.Int64, [3]);
        GraphValue loss = Sum(graph, x);
        var other = new GraphBuilder("other");
        GraphValue foreign = other.Input("x", ElementType.Float32, []);
        Assert.Equal("loss", Assert.Throws<ArgumentException>(() => BackwardGraphBuilder.Build(graph, foreign, [x])).ParamName);
        Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => BackwardGraphBuilder.Build(graph, loss, [foreign])).ParamName);
        Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => BackwardGraphBuilder.Build(graph, loss, [ids])).ParamName);
        Assert.Equal("rowTables", Assert.Throws<ArgumentException>(() => BackwardGraphBuilder.Build(graph, loss, [], [x])).ParamName);
    }

    [Theory]
    [InlineData("Elu", 17)]
    [InlineData("HardSigmoid", 21)]
    [InlineData("Max", 24)]
    public void Build_OperatorWithoutRule_ThrowsNamingNodeOperatorAndOpset(string operatorType, int opset)
    {
        var graph = new GraphBuilder("unknown", opset);
        GraphValue x = graph.Input("x", ElementType.Float32, [3]);
        GraphValue y;
        using (graph.Scope("head"))
        {
            y = graph.Node(operatorType, [x]);
        }

        GraphException error = Assert.Throws<GraphException>(() => BackwardGraphBuilder.Build(graph, Sum(graph, y), [x]));
        Assert.Contains($"node 'head/{operatorType}' ({operatorType}, opset {opset}): there is no gradient rule", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Unsupported { get; } = new()
    {
        { "transposed batch", "node 'FusedMatMul' (com.microsoft.FusedMatMul, opset 1): attributes transBatchA and transBatchB" },
        { "exponent", "node 'Pow' (Pow, opset 21): input 1 'p' needs a gradient" },
        { "ratio", "node 'Dropout' (Dropout, opset 21): input 1 'p' needs a gradient" },
        { "mean", "node 'LayerNormalization' (LayerNormalization, opset 21): output 1 'LayerNormalization:1' has a gradient" },
        { "mean alone", "node 'LayerNormalization' (LayerNormalization, opset 21): the gradient of output 0 is asked for" },
        { "computed axes", "node 'ReduceSum' (ReduceSum, opset 21): its axes 'axes' are computed" },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void Build_WhatARuleDoesNotSupport_ThrowsNamingNodeOperatorAndOpset(string what, string expected)
    {
        var graph = new GraphBuilder("unsupported");
        GraphValue x = graph.Input("x", ElementType.Float32, [2, 3, 3]);
        GraphValue p = graph.Input("p", ElementType.Float32, []);
        GraphValue[] Norm() => graph.Node("", "LayerNormalization", [x, graph.Constant<float>([1, 1, 1], 3)], 3);
        GraphValue y = what switch
        {
            "transposed batch" => graph.Node(GraphBuilder.MicrosoftDomain, "FusedMatMul", [x, graph.Constant<float>(new float[27], 3, 3, 3)], 1, ("transBatchA", 1L))[0],
            "exponent" => graph.Node("Pow", [x, p]),
            "ratio" => graph.Node("Dropout", [x, p, graph.Scalar(true)]),
            "mean" => Norm() is var norm ? graph.Node("Add", [norm[0], norm[1]]) : x,
            "mean alone" => Norm()[1],
            _ => graph.Node("ReduceSum", [x, graph.Input("axes", ElementType.Int64, [1])], ("keepdims", true)),
        };
        GraphException error = Assert.Throws<GraphException>(() => BackwardGraphBuilder.Build(graph, Sum(graph, y), [x, p]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_UnknownSizes_AreReadWhenTheGraphRuns()
    {
        var graph = new GraphBuilder("unknown sizes");
        GraphValue x = graph.Input("x", ElementType.Float32, ["?", "?"]);
        GraphValue bias = graph.Input("bias", ElementType.Float32, ["?"]);
        GraphValue y = graph.Node("Mul", [graph.Node("Add", [graph.Node("Transpose", [x]), bias]), graph.Scalar(2f)]);
        GraphSet result = Differentiate(graph, graph.Node("ReduceMean", [y, graph.Integers(0)]), x);
        float[] gradient = result.Run(("x", new float[6], [2, 3]), ("bias", [1, 2], [2]))[0];
        Assert.All(gradient, element => Assert.Equal(2f / 3, element, 6));
        Assert.Equal(6, gradient.Length);
    }

    [Fact]
    public void Build_BroadcastThatOnlyTheRunTells_FailsInsteadOfGoingWrong()
    {
        var graph = new GraphBuilder("late broadcast");
        GraphValue x = graph.Input("x", ElementType.Float32, ["?"]);
        GraphValue y = graph.Input("y", ElementType.Float32, ["?"]);
        GraphSet result = Differentiate(graph, graph.Node("Mul", [x, y]), y);
        Assert.Equal([1f, 2], result.Run(("x", [1, 2], [2]), ("y", [3, 4], [2]))[0]);
        Assert.Throws<OnnxRuntimeException>(() => result.Run(("x", [1, 2], [2]), ("y", [3], [1])));
    }

    [Fact]
    public void Build_RowTable_GivesRowsPerUseAndTheRestDense()
    {
        var graph = new GraphBuilder("rows");
        GraphValue table = graph.Input("table", ElementType.Float32, [4, 2]);
        GraphValue ids = graph.Input("ids", ElementType.Int64, ["batch", "sequence"]);
        GraphValue taken = graph.Node("Gather", [table, ids]);
        GraphValue tied = graph.Node("MatMul", [taken, graph.Node("Transpose", [table])]);
        GradientSet gradients = BackwardGraphBuilder.Build(graph, Sum(graph, tied), [table], [table]);
        RowGradient rows = Assert.Single(gradients.Rows);
        Assert.Same(table, rows.Table);
        Assert.Same(ids, rows.Indices);
        Assert.Equal([.. ids.Shape, 2], rows.Rows.Shape);
        graph.Output(rows.Rows, "rows");
        graph.Output(gradients.Dense[table], "dense");

        var whole = new GraphBuilder("whole");
        table = whole.Input("table", ElementType.Float32, [4, 2]);
        taken = whole.Node("Gather", [table, whole.Input("ids", ElementType.Int64, ["batch", "sequence"])]);
        GraphSet expected = Differentiate(whole, whole.Node("MatMul", [taken, whole.Node("Transpose", [table])]), table);

        float[] parameters = [1, -2, 3, 4, -5, 6, 7, 8];
        long[] indices = [1, 1, 0, -1, 1, 2];
        var inputs = new Dictionary<string, OrtValue> { ["table"] = OnnxRun.Tensor(parameters, 4, 2), ["ids"] = OnnxRun.Tensor(indices, 2, 3) };
        OrtResult[] results = OnnxRun.Run(graph.ToModel(), inputs, "rows", "dense");
        float[] sum = results[1].Floats;
        for (int i = 0; i < indices.Length; i++)
        {
            for (int column = 0; column < 2; column++)
            {
                sum[((indices[i] + 4) % 4 * 2) + column] += results[0].Floats[(i * 2) + column];
            }
        }

        Assert.Equal(OnnxRun.Run(expected.Model, inputs)[0].Floats, sum);
    }

    [Fact]
    public void Build_ManyRepeatedIndicesOnSeveralThreads_LosesNoAddition()
    {
        const int Count = 4096;
        const int Width = 384;
        var graph = new GraphBuilder("repeated");
        GraphValue table = graph.Input("table", ElementType.Float32, [4, Width]);
        GraphValue ids = graph.Input("ids", ElementType.Int64, [Count]);
        GraphSet result = Differentiate(graph, graph.Node("Gather", [table, ids]), table);
        using SessionOptions options = OnnxRun.Options();
        options.IntraOpNumThreads = 4;
        using var session = new InferenceSession(Google.Protobuf.MessageExtensions.ToByteArray(result.Model), options);
        long[] indices = [.. Enumerable.Range(0, Count).Select(index => (long)(index * 7 % 4))];
        for (int run = 0; run < 20; run++)
        {
            OrtResult found = OnnxRun.Run(session, new Dictionary<string, OrtValue>
            {
                ["table"] = OnnxRun.Tensor(new float[4 * Width], 4, Width),
                ["ids"] = OnnxRun.Tensor(indices, Count),
            })[0];

            // Sums of ones are exact.
            Assert.All(found.Floats, element => Assert.Equal(Count / 4f, element));
        }
    }

    [Theory]
    [InlineData(ElementType.Float32, 0.3)]
    [InlineData(ElementType.Float64, 0.3)]
    [InlineData(ElementType.Float32, null)]
    public void Build_DropoutInTraining_UsesTheMaskOfTheSameRun(ElementType type, double? ratio)
    {
        var graph = new GraphBuilder("dropout");
        GraphValue x = graph.Input("x", type, ["n"]);
        GraphValue y = graph.Node("Dropout", [x, ratio is { } given ? graph.Scalar((float)given) : null, graph.Scalar(true)]);
        GradientSet gradients = BackwardGraphBuilder.Build(graph, Sum(graph, graph.Node("Mul", [y, y])), [x]);
        graph.Output(y, "y");
        graph.Output(gradients.Dense[x], "gradient");
        using var session = new InferenceSession(Google.Protobuf.MessageExtensions.ToByteArray(graph.ToModel()), OnnxRun.Options());
        double[] input = new CaseInput([1000], 1, 2).Draw(new Random(3));
        var masks = new List<string>();
        double scale = 1 / (1 - (ratio ?? 0.5));
        for (int run = 0; run < 3; run++)
        {
            using var runOptions = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
                runOptions, new Dictionary<string, OrtValue> { ["x"] = GradientProbe.Tensor(input, type, [1000]) }, session.OutputNames);
            double[] output = GradientProbe.Read(results[0], type);
            double[] gradient = GradientProbe.Read(results[1], type);
            for (int i = 0; i < input.Length; i++)
            {
                // y = m x / (1 - r), and d(y^2)/dx = 2 y m / (1 - r). The ratio itself is of single precision.
                Assert.Equal(output[i] == 0 ? 0 : input[i] * scale, output[i], 1e-5);
                Assert.Equal(2 * output[i] * scale, gradient[i], 1e-4);
            }

            masks.Add(string.Concat(output.Select(element => element == 0 ? '0' : '1')));
            Assert.Equal(ratio ?? 0.5, masks[^1].Count(bit => bit == '0') / 1000.0, 0.06);
        }

        Assert.Distinct(masks);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(20)]
    [InlineData(22)]
    [InlineData(24)]
    public void Build_EachOpset_RunsInOnnxRuntime(int opset)
    {
        foreach (GradientCase tested in GradientCases.All.Where(tested => tested.Opset == GraphBuilder.DefaultOpset && (opset >= 20 || tested.Operator != "Gelu")
            && (opset >= 18 || !(tested.Operator == "ReduceMean" || tested.Name == "equal parts"))))
        {
            double error = GradientProbe.WorstError(tested with { Opset = opset }, symbolic: false, seed: opset);
            Assert.True(error <= tested.Tolerance, $"{tested}, opset {opset}: gradients differ by {error:E2}");
        }
    }

    [Theory]
    [InlineData("bert", 17)]
    [InlineData("bert", 24)]
    [InlineData("distilbert", 21)]
    public void Build_OpenedModel_HasTheGradientsOfTheModelAsBuilt(string modelType, int opset)
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 100, ["a", "b", "c"], modelType);
        ClassifierGraph built = ClassifierGraph.Create(config, ParameterInitializer.Initialize(config, 1), new ClassifierGraphOptions { Opset = opset });
        ModelProto forward = built.ToModel();
        ModelProto[] models = [Trained(GraphBuilder.Open(forward), built), Trained(built.Builder, built)];
        Batch batch = Batch.Random(3, 5, 7, 100, [5, 2, 4]);
        OrtResult[][] results = [.. models.Select(model =>
        {
            GraphChecker.Check(model);
            Dictionary<string, OrtValue> inputs = batch.Inputs(model);
            inputs.Add("targets", OnnxRun.Tensor<float>([1, 0, 0, 0, 1, 1, 0, 0, 0], 3, 3));
            return OnnxRun.Run(model, inputs, [.. model.Graph.Output.Select(value => value.Name).Where(name => name.StartsWith("gradient of ", StringComparison.Ordinal)).Order()]);
        })];
        Assert.Equal(built.Parameters.Count, results[0].Length);
        for (int i = 0; i < results[0].Length; i++)
        {
            Assert.Equal(results[1][i].Shape, results[0][i].Shape);

            // Rounding alone: the runtime may join the nodes of one graph otherwise than those of the other.
            float largest = Math.Max(results[1][i].Floats.Max(Math.Abs), 1e-4f);
            Assert.All(results[0][i].Floats.Zip(results[1][i].Floats), pair => Assert.Equal(pair.Second, pair.First, 1e-5f * largest));
        }
    }

    private static ModelProto Trained(GraphBuilder graph, ClassifierGraph classifier)
    {
        GraphValue[] parameters = [.. classifier.Parameters.Select(spec => graph.Value(spec.Name))];
        GraphValue loss = LossGraphs.BinaryCrossEntropy(graph, graph.Value(ClassifierGraph.LogitsName), graph.Input("targets", ElementType.Float32, [ClassifierGraph.BatchSymbol, 3]));
        foreach ((GraphValue parameter, GraphValue gradient) in BackwardGraphBuilder.Build(graph, loss, parameters).Dense)
        {
            graph.Output(gradient, "gradient of " + parameter.Name);
        }

        return graph.ToModel();
    }

    private static GraphValue Sum(GraphBuilder graph, GraphValue value) => graph.Node("ReduceSum", [value], ("keepdims", false));

    // The gradients of the sum are the last outputs.
    private static GraphSet Differentiate(GraphBuilder graph, GraphValue value, params GraphValue[] parameters)
    {
        GradientSet gradients = BackwardGraphBuilder.Build(graph, Sum(graph, value), parameters);
        for (int i = 0; i < parameters.Length; i++)
        {
            graph.Output(gradients.Dense[parameters[i]], $"gradient{i}");
        }

        return new GraphSet(graph.ToModel(), gradients);
    }

    private sealed record GraphSet(ModelProto Model, GradientSet Gradients)
    {
        public float[][] Run(params (string Name, float[] Values, long[] Shape)[] inputs)
        {
            GraphChecker.Check(Model);
            return [.. OnnxRun.Run(Model, inputs.ToDictionary(input => input.Name, input => OnnxRun.Tensor(input.Values, input.Shape))).Select(result => result.Floats)];
        }
    }
}
