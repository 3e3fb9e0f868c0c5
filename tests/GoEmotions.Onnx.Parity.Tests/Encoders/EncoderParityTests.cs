using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Parity.Tests.Encoders;

/// <summary>Our graphs in ONNX Runtime against PyTorch, on equal random parameters, lengths, masks and token types.</summary>
public sealed class EncoderParityTests(ITestOutputHelper output)
{
    // The demand of the project's plan. Measured on the sizes below: see docs/graphs.md.
    private const double Tolerance = 1e-4;

    private static readonly (int Batch, int Sequence)[] Batches = [(1, 1), (4, 7), (6, 33), (3, 64)];

    // One epsilon is large, so that the graph could not leave it out unnoticed.
    public static TheoryData<string, string, HiddenActivation, double> Models { get; } = new(
        from modelType in new[] { "bert", "distilbert" }
        from size in new[] { "2x128x2", "6x384x12" }
        from activation in Enum.GetValues<HiddenActivation>()
        from epsilon in modelType == "bert" ? new[] { 1e-12, 0.01 } : [1e-12]
        where size == "2x128x2" || epsilon == 1e-12
        select (modelType, size, activation, epsilon));

    [Theory]
    [MemberData(nameof(Models))]
    public void Logits_RandomModel_AgreeWithPyTorch(string modelType, string size, HiddenActivation activation, double epsilon) =>
        Compare(modelType, size, activation, epsilon, Batches);

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void Logits_BaseSize_AgreeWithPyTorch(string modelType) =>
        Compare(modelType, "12x768x12", HiddenActivation.Gelu, 1e-12, [(2, 24)]);

    [Fact]
    public void Logits_LongestSequence_AgreeWithPyTorch() =>
        Compare("bert", "2x128x2", HiddenActivation.Gelu, 1e-12, [(2, EncoderConfig.DefaultMaxPositionEmbeddings)]);

    private void Compare(string modelType, string sizeText, HiddenActivation activation, double epsilon, (int Batch, int Sequence)[] batches)
    {
        TorchLibrary.Require();
        EncoderConfig config = RandomModel.Config(modelType, sizeText);
        config = config with { Activation = activation, LayerNormEpsilon = epsilon };
        const int Seed = 20240611;
        ParameterSet parameters = RandomModel.Parameters(config, Seed);
        using var reference = new TorchEncoder(config, parameters);
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(ClassifierGraph.Create(config, parameters).ToModel().ToByteArray(), options);
        double worst = 0;
        double largest = 0;
        var random = new Random(Seed);
        foreach ((int batch, int sequence) in batches)
        {
            foreach (bool holes in new[] { false, true })
            {
                (long[] ids, long[] mask, long[] types) = RandomModel.Batch(random, batch, sequence, holes);
                float[] expected = reference.Logits(ids, mask, types, batch, sequence);
                float[] found = Run(session, ids, mask, types, batch, sequence);
                Assert.Equal(expected.Length, found.Length);
                for (int i = 0; i < expected.Length; i++)
                {
                    worst = Math.Max(worst, Math.Abs(expected[i] - found[i]));
                    largest = Math.Max(largest, Math.Abs(expected[i]));
                }
            }
        }

        output.WriteLine($"{modelType} {sizeText} {activation} epsilon {epsilon:R}: worst difference {worst:E1} of logits up to {largest:F2} (seed {Seed})");

        // Logits that are all but zero would agree without meaning anything.
        Assert.True(largest > 0.5, $"the largest logit is {largest}, expected above 0.5");
        Assert.True(worst <= Tolerance, $"the logits differ by {worst}, expected at most {Tolerance} (seed {Seed})");
    }

    private static float[] Run(InferenceSession session, long[] ids, long[] mask, long[] types, int batch, int sequence)
    {
        long[] shape = [batch, sequence];
        var inputs = new Dictionary<string, OrtValue>();
        foreach (string name in session.InputNames)
        {
            long[] data = name switch
            {
                ClassifierGraph.InputIdsName => ids,
                ClassifierGraph.AttentionMaskName => mask,
                _ => types,
            };
            inputs.Add(name, OrtValue.CreateTensorValueFromMemory(data, shape));
        }

        using var runOptions = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, inputs, [ClassifierGraph.LogitsName]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
