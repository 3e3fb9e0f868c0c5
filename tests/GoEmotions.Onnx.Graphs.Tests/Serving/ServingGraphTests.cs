using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Tests.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests.Serving;

public sealed class ServingGraphTests
{
    private static readonly string[] Labels = ["joy", "fear", "neutral"];

    public static TheoryData<string, HiddenActivation, ServingForm> Forms { get; } = new(
        from modelType in new[] { "bert", "distilbert" }
        from activation in Enum.GetValues<HiddenActivation>()
        from form in Enum.GetValues<ServingForm>()
        select (modelType, activation, form));

    public static TheoryData<string, string> Sizes { get; } = new(
        from size in new[] { "tiny", "small", "base" }
        from modelType in new[] { "bert", "distilbert" }
        select (size, modelType));

    [Theory]
    [MemberData(nameof(Forms))]
    public void ServingGraph_EveryForm_GivesTheClassifiersLogits(string modelType, HiddenActivation activation, ServingForm form)
    {
        Checkpoint checkpoint = ClassifierGraphTests.Small(modelType, activation);
        ServingGraph graph = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Form = form });
        Assert.Equal("logits: float[batch, 3]", graph.Logits.ToString());
        ModelProto serving = graph.ToModel();
        Assert.Empty(GraphChecker.Check(serving));
        Assert.All(serving.Graph.Node, node => Assert.Equal("", node.Domain));
        ModelProto classifier = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        using var expected = new InferenceSession(classifier.ToByteArray(), OnnxRun.Options());
        using var actual = new InferenceSession(serving.ToByteArray(), OnnxRun.Options());
        var random = new Random(5);
        for (int batch = 0; batch < 20; batch++)
        {
            int[] lengths = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(1, 24))];
            ServingBatch texts = ServingBatch.Random(batch, checkpoint.Config.VocabularySize, lengths);
            float[] served = OnnxRun.Run(actual, texts.ServingInputs(serving, morePadding: batch % 2))[0].Floats;

            // Logits up to 2 in size; the worst of all these cases is below 2e-6.
            Assert.InRange(WorstDifference(OnnxRun.Run(expected, texts.ClassifierInputs(classifier))[0].Floats, served), 0, 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void ServingGraph_EverySize_GivesTheClassifiersLogitsAndEachTextsOwn(string sizeName, string modelType)
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Parse(sizeName), 200, Labels, modelType) with { InitializerRange = 0.05 };
        Checkpoint checkpoint = RandomEverywhere(config);
        ModelProto classifier = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        using var expected = new InferenceSession(classifier.ToByteArray(), OnnxRun.Options());
        ModelProto serving = ServingGraph.FromCheckpoint(checkpoint).ToModel();
        using var actual = new InferenceSession(serving.ToByteArray(), OnnxRun.Options());
        ServingBatch texts = ServingBatch.Random(1, config.VocabularySize, 33, 2, 16, 1, 77, 9);
        float[] reference = OnnxRun.Run(expected, texts.ClassifierInputs(classifier))[0].Floats;
        float[] together = OnnxRun.Run(actual, texts.ServingInputs(serving))[0].Floats;
        float[] alone = [.. Enumerable.Range(0, texts.Texts.Length).SelectMany(text => OnnxRun.Run(actual, texts.Only(text).ServingInputs(serving))[0].Floats)];
        double fromClassifier = WorstDifference(reference, together);
        double fromAlone = WorstDifference(alone, together);
        TestContext.Current.TestOutputHelper?.WriteLine($"{modelType} {sizeName}: logits up to {reference.Max(Math.Abs):0.00}; worst difference from the classifier {fromClassifier:0.0e0}, from each text alone {fromAlone:0.0e0}");
        Assert.InRange(fromClassifier, 0, 1e-4);
        Assert.InRange(fromAlone, 0, 1e-5);
    }

    internal static double WorstDifference(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(actual, value => Assert.True(float.IsFinite(value)));
        return expected.Zip(actual, (left, right) => Math.Abs((double)left - right)).Max();
    }

    /// <summary>Biases and layer normalizations of a fresh checkpoint are 0 and 1, which would hide what is done with them.</summary>
    internal static Checkpoint RandomEverywhere(EncoderConfig config)
    {
        Checkpoint checkpoint = Checkpoint.CreateRandom(config, seed: 3);
        var random = new Random(4);
        foreach (Parameter parameter in checkpoint.Parameters.Where(parameter => parameter.Shape.Count == 1))
        {
            foreach (ref float value in parameter.Values.Span)
            {
                value += (float)(random.NextDouble() - 0.5) * 0.2f;
            }
        }

        return checkpoint;
    }
}
