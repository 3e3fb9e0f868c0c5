using GoEmotions.Onnx.Graphs.Gradients;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests.Gradients;

public sealed class LossGraphsTests
{
    private const int Batch = 5;
    private const int Labels = 3;

    public static TheoryData<LossOptions> Options { get; } =
    [
        new LossOptions(),
        new LossOptions { PositiveWeights = [1, 8.5f, 0.25f] },
        new LossOptions { FocalGamma = 1 },
        new LossOptions { FocalGamma = 2 },
        new LossOptions { FocalGamma = 1.5f },
        new LossOptions { LabelSmoothing = 0.1f },
        new LossOptions { PositiveWeights = [1, 8.5f, 0.25f], FocalGamma = 2, LabelSmoothing = 0.2f },
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void BinaryCrossEntropy_Options_AgreeWithTheFormula(LossOptions options)
    {
        // All of +-100, +-20 and everyday logits, with truths and with targets between.
        double[] logits = [100, -100, 100, -100, 0, 20, -20, 20, -20, 3.5, -1.25, 0.1, -0.1, 0.75, -3];
        double[] targets = [1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0.5, 0.25, 1, 0];
        double expected = Enumerable.Range(0, logits.Length).Sum(i => Loss(logits[i], targets[i], i % Labels, options)) / logits.Length;
        (float loss, float[] gradient) = Run(logits, targets, options);

        // Single precision, of a mean whose terms are as large as 100 times the largest weight.
        Assert.Equal(expected, loss, Math.Abs(expected) * 1e-6);
        for (int i = 0; i < logits.Length; i++)
        {
            const double Width = 1e-5;
            double slope = (Loss(logits[i] + Width, targets[i], i % Labels, options) - Loss(logits[i] - Width, targets[i], i % Labels, options)) / (2 * Width * logits.Length);
            Assert.True(Math.Abs(slope - gradient[i]) <= (1e-6 * Math.Abs(slope)) + 2e-8, $"logit {logits[i]}, target {targets[i]}: gradient {gradient[i]:R}, expected {slope:R}");
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void BinaryCrossEntropy_SmallLosses_AreNoDifferencesOfLargeNumbers(LossOptions options)
    {
        // Right answers, far from 0: each loss is about 1e-6 to 1e-5.
        double[] logits = [12, -12, 13, -13, 14, -14, 12.5, -12.5, 13.5, -13.5, 12.25, -12.25, 13.25, -13.25, 12.75];
        double[] targets = [.. logits.Select(logit => logit > 0 ? 1.0 : 0)];
        double expected = Enumerable.Range(0, logits.Length).Sum(i => Loss(logits[i], targets[i], i % Labels, options)) / logits.Length;
        (float loss, _) = Run(logits, targets, options);

        // The runtime's Softplus is log(1 + e^x), good to 2^-24 absolutely.
        Assert.Equal(expected, loss, 6e-8 * 8.5 + (1e-6 * expected));
    }

    [Fact]
    public void BinaryCrossEntropy_SymbolicBatch_IsAMeanOverBatchAndLabels()
    {
        var graph = new GraphBuilder("loss");
        GraphValue logits = graph.Input("logits", ElementType.Float32, ["batch", 2]);
        GraphValue loss = LossGraphs.BinaryCrossEntropy(graph, logits, graph.Input("targets", ElementType.Float32, ["batch", 2]));
        Assert.Equal(0, loss.Rank);
        graph.Output(loss, "loss");
        using var session = new InferenceSession(graph.ToModel().ToByteArray(), OnnxRun.Options());
        foreach (int batch in new[] { 1, 3 })
        {
            OrtResult result = OnnxRun.Run(session, new Dictionary<string, OrtValue>
            {
                ["logits"] = OnnxRun.Tensor(new float[2 * batch], batch, 2),
                ["targets"] = OnnxRun.Tensor(new float[2 * batch], batch, 2),
            })[0];
            Assert.Equal(Math.Log(2), result.Floats[0], 1e-6);
        }
    }

    [Fact]
    public void SoftmaxCrossEntropy_LogitsOfAllSizes_AgreesWithTheFormula()
    {
        const int Classes = 4;
        double[] logits = [100, -100, 0, 20, 0.5, -1.25, 3, 0.1, -20, -20, -21, -19.5];
        long[] classes = [0, 2, 3];
        var graph = new GraphBuilder("loss");
        GraphValue x = graph.Input("logits", ElementType.Float32, ["rows", Classes]);
        GraphValue loss = LossGraphs.SoftmaxCrossEntropy(graph, x, graph.Input("classes", ElementType.Int64, ["rows"]));
        Assert.Equal(0, loss.Rank);
        GradientSet gradients = BackwardGraphBuilder.Build(graph, loss, [x]);
        graph.Output(loss, "loss");
        graph.Output(gradients.Dense[x], "gradient");
        OrtResult[] results = OnnxRun.Run(graph.ToModel(), new Dictionary<string, OrtValue>
        {
            ["logits"] = GradientProbe.Tensor(logits, ElementType.Float32, [classes.Length, Classes]),
            ["classes"] = OnnxRun.Tensor(classes, classes.Length),
        });
        double expected = 0;
        for (int row = 0; row < classes.Length; row++)
        {
            double[] ofRow = logits[(row * Classes)..((row + 1) * Classes)];
            double sum = ofRow.Sum(logit => Math.Exp(logit - ofRow.Max()));
            expected += (Math.Log(sum) + ofRow.Max() - ofRow[classes[row]]) / classes.Length;
            for (int column = 0; column < Classes; column++)
            {
                double gradient = ((Math.Exp(ofRow[column] - ofRow.Max()) / sum) - (column == classes[row] ? 1 : 0)) / classes.Length;
                Assert.Equal(gradient, results[1].Floats[(row * Classes) + column], 1e-6);
            }
        }

        Assert.Equal(expected, results[0].Floats[0], 1e-6);
    }

    public static TheoryData<LossOptions, string> WrongOptions { get; } = new()
    {
        { new LossOptions { PositiveWeights = [1, 2] }, "PositiveWeights" },
        { new LossOptions { PositiveWeights = [1, 2, 0] }, "PositiveWeights" },
        { new LossOptions { PositiveWeights = [1, 2, float.NaN] }, "PositiveWeights" },
        { new LossOptions { FocalGamma = 0.5f }, "FocalGamma" },
        { new LossOptions { FocalGamma = -1 }, "FocalGamma" },
        { new LossOptions { FocalGamma = float.PositiveInfinity }, "FocalGamma" },
        { new LossOptions { LabelSmoothing = 1 }, "LabelSmoothing" },
        { new LossOptions { LabelSmoothing = -0.1f }, "LabelSmoothing" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void BinaryCrossEntropy_WrongOption_Throws(LossOptions options, string name) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => Run(new double[Batch * Labels], new double[Batch * Labels], options)).ParamName);

    // Written with the log of the smaller exponential: exact to double precision for every logit.
    private static double Loss(double logit, double target, int label, LossOptions options)
    {
        double y = (target * (1 - options.LabelSmoothing)) + (options.LabelSmoothing / 2.0);
        double weight = options.PositiveWeights?[label] ?? 1;
        double loss = (weight * y * Softplus(-logit)) + ((1 - y) * Softplus(logit));
        double distance = (y / (1 + Math.Exp(logit))) + ((1 - y) / (1 + Math.Exp(-logit)));
        return loss * (options.FocalGamma == 0 ? 1 : Math.Pow(distance, options.FocalGamma));
    }

    private static double Softplus(double x)
    {
        double tail = Math.Exp(-Math.Abs(x));
        return Math.Max(x, 0) + (tail < 1e-8 ? tail : Math.Log(1 + tail));
    }

    private static (float Loss, float[] Gradient) Run(double[] logits, double[] targets, LossOptions options)
    {
        var graph = new GraphBuilder("loss");
        GraphValue x = graph.Input("logits", ElementType.Float32, [Batch, Labels]);
        GraphValue y = graph.Input("targets", ElementType.Float32, [Batch, Labels]);
        GraphValue loss = LossGraphs.BinaryCrossEntropy(graph, x, y, options);
        GradientSet gradients = BackwardGraphBuilder.Build(graph, loss, [x]);
        graph.Output(loss, "loss");
        graph.Output(gradients.Dense[x], "gradient");
        OrtResult[] results = OnnxRun.Run(graph.ToModel(), new Dictionary<string, OrtValue>
        {
            ["logits"] = GradientProbe.Tensor(logits, ElementType.Float32, [Batch, Labels]),
            ["targets"] = GradientProbe.Tensor(targets, ElementType.Float32, [Batch, Labels]),
        });
        return (results[0].Floats[0], results[1].Floats);
    }
}
