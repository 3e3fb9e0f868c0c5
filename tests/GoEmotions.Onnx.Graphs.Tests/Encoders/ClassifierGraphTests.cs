using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Weights;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests.Encoders;

public sealed class ClassifierGraphTests
{
    private static readonly string[] Labels = ["joy", "fear", "neutral"];

    public static TheoryData<string, HiddenActivation, int> Forms { get; } = new(
        from modelType in new[] { "bert", "distilbert" }
        from activation in Enum.GetValues<HiddenActivation>()
        from opset in new[] { 17, 19, 20, 21, 22, 23, 24 }
        select (modelType, activation, opset));

    [Theory]
    [MemberData(nameof(Forms))]
    public void ClassifierGraph_EveryFormAndOpset_RunsWithTheShapesInferred(string modelType, HiddenActivation activation, int opset)
    {
        Checkpoint checkpoint = Small(modelType, activation);
        ClassifierGraph graph = ClassifierGraph.FromCheckpoint(checkpoint, new ClassifierGraphOptions { Opset = opset });
        Assert.Equal("logits: float[batch, 3]", graph.Logits.ToString());
        ModelProto model = graph.ToModel();
        Assert.Empty(GraphChecker.Check(model));
        Assert.All(model.Graph.Node, node => Assert.Equal("", node.Domain));

        Batch batch = Batch.Random(3, 7, seed: 1, checkpoint.Config.VocabularySize);
        OrtResult logits = Assert.Single(OnnxRun.Run(model, batch.Inputs(model)));
        Assert.Equal([3, 3], logits.Shape);
        Assert.All(logits.Floats, value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void ClassifierGraph_BatchOfTexts_GivesWhatEachTextGivesAlone(string modelType)
    {
        Checkpoint checkpoint = Small(modelType, HiddenActivation.Gelu);
        ModelProto model = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        int[] lengths = [9, 1, 4, 7, 2];
        Batch batch = Batch.Random(lengths.Length, 12, seed: 2, checkpoint.Config.VocabularySize, lengths);
        float[] together = OnnxRun.Run(model, batch.Inputs(model))[0].Floats;
        for (int row = 0; row < lengths.Length; row++)
        {
            // Alone and without its padding: the padding tokens of the batch carry random ids and types, which must not matter.
            Batch alone = batch.Row(row, lengths[row]);
            float[] single = OnnxRun.Run(model, alone.Inputs(model))[0].Floats;
            for (int label = 0; label < Labels.Length; label++)
            {
                // Sums of at most 32 x 64 float products in another order: 1e-5 leaves two digits.
                Assert.Equal(single[label], together[(row * Labels.Length) + label], 1e-5);
            }
        }
    }

    [Fact]
    public void ClassifierGraph_TextOfPaddingAlone_GivesFiniteLogits()
    {
        Checkpoint checkpoint = Small("bert", HiddenActivation.Gelu);
        ModelProto model = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        Batch batch = Batch.Random(2, 5, seed: 3, checkpoint.Config.VocabularySize, [0, 5]);
        Assert.All(OnnxRun.Run(model, batch.Inputs(model))[0].Floats, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void ClassifierGraph_SequenceAboveThePositions_FailsWhenItRuns()
    {
        Checkpoint checkpoint = Small("bert", HiddenActivation.Gelu);
        ModelProto model = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        int tooLong = checkpoint.Config.MaxPositionEmbeddings + 1;
        Batch batch = Batch.Random(1, tooLong, seed: 4, checkpoint.Config.VocabularySize);
        foreach (GraphOptimizationLevel level in new[] { GraphOptimizationLevel.ORT_DISABLE_ALL, GraphOptimizationLevel.ORT_ENABLE_ALL })
        {
            // As it stands the graph gathers rows of the table; optimized, ONNX Runtime cuts them out and adds.
            using var session = new InferenceSession(model.ToByteArray(), OnnxRun.Options(level));
            OnnxRuntimeException error = Assert.Throws<OnnxRuntimeException>(() => OnnxRun.Run(session, batch.Inputs(model)));
            Assert.Contains("embeddings/", error.Message);
            Assert.Contains("24", error.Message);
        }
    }

    [Theory]
    [InlineData("bert", 2 + (3 * 2))]
    [InlineData("distilbert", 2 + (2 * 2))]
    public void ClassifierGraph_Training_HasTheDropoutOfTheArchitecture(string modelType, int expected)
    {
        Checkpoint checkpoint = Small(modelType, HiddenActivation.Gelu);
        ModelProto inference = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        Assert.DoesNotContain(inference.Graph.Node, node => node.OpType == "Dropout");

        ModelProto training = ClassifierGraph.FromCheckpoint(checkpoint, new ClassifierGraphOptions { Training = true, DropoutSeed = 5 }).ToModel();
        NodeProto[] dropouts = [.. training.Graph.Node.Where(node => node.OpType == "Dropout")];
        Assert.Equal(expected, dropouts.Length);
        Assert.Equal(Enumerable.Range(5, expected).Select(seed => (long)seed), dropouts.Select(node => node.Attribute.Single().I));

        // ONNX Runtime's optimizer removes a Dropout whose mask nobody takes, in training mode too.
        Batch batch = Batch.Random(2, 6, seed: 6, checkpoint.Config.VocabularySize);
        using var session = new InferenceSession(training.ToByteArray(), OnnxRun.Options(GraphOptimizationLevel.ORT_DISABLE_ALL));
        float[] first = OnnxRun.Run(session, batch.Inputs(training))[0].Floats;
        float[] second = OnnxRun.Run(session, batch.Inputs(training))[0].Floats;
        Assert.NotEqual(first, second);
        Assert.NotEqual(OnnxRun.Run(inference, batch.Inputs(inference))[0].Floats, first);
    }

    [Fact]
    public void ClassifierGraph_TrainingWithMasksTaken_DropsInTheOptimizedGraphToo()
    {
        Checkpoint checkpoint = Small("bert", HiddenActivation.Gelu);
        ClassifierGraph graph = ClassifierGraph.FromCheckpoint(checkpoint, new ClassifierGraphOptions { Training = true, DropoutSeed = 5 });
        string[] dropouts = [.. graph.Builder.Nodes.Where(node => node.OpType == "Dropout").Select(node => node.Output[0])];
        foreach (string dropout in dropouts)
        {
            graph.Builder.Output(graph.Builder.OptionalOutput(graph.Builder.Value(dropout), 1));
        }

        ModelProto training = graph.ToModel();
        Assert.Empty(GraphChecker.Check(training));
        Batch batch = Batch.Random(2, 6, seed: 6, checkpoint.Config.VocabularySize);
        using var session = new InferenceSession(training.ToByteArray(), OnnxRun.Options());
        Assert.NotEqual(
            OnnxRun.Run(session, batch.Inputs(training), ClassifierGraph.LogitsName)[0].Floats,
            OnnxRun.Run(session, batch.Inputs(training), ClassifierGraph.LogitsName)[0].Floats);
    }

    [Fact]
    public void ClassifierGraph_NoDropoutConfigured_TrainsWithoutDropoutNodes()
    {
        EncoderConfig config = Small("bert", HiddenActivation.Gelu).Config with { HiddenDropout = 0, AttentionDropout = 0, ClassifierDropout = 0 };
        ClassifierGraph graph = ClassifierGraph.Create(config, null, new ClassifierGraphOptions { Training = true, ParametersAsInputs = true });
        Assert.DoesNotContain(graph.Builder.Nodes, node => node.OpType == "Dropout");
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void ClassifierGraph_ParametersAsInputs_GivesTheSameLogits(string modelType)
    {
        Checkpoint checkpoint = Small(modelType, HiddenActivation.GeluTanh);
        ModelProto stored = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        ClassifierGraph graph = ClassifierGraph.Create(checkpoint.Config, null, new ClassifierGraphOptions { ParametersAsInputs = true });
        ModelProto fed = graph.ToModel();
        Assert.DoesNotContain(fed.Graph.Initializer, tensor => checkpoint.Parameters.TryGet(tensor.Name, out _));
        int userInputs = modelType == "bert" ? 3 : 2;
        Assert.Equal(graph.Parameters.Select(spec => spec.Name), fed.Graph.Input.Skip(userInputs).Select(input => input.Name));

        Batch batch = Batch.Random(2, 6, seed: 7, checkpoint.Config.VocabularySize);
        Dictionary<string, OrtValue> inputs = batch.Inputs(fed);
        foreach (Parameter parameter in checkpoint.Parameters)
        {
            inputs.Add(parameter.Name, OnnxRun.Tensor(parameter.Values.ToArray(), [.. parameter.Shape]));
        }

        float[] expected = OnnxRun.Run(stored, batch.Inputs(stored))[0].Floats;
        float[] found = OnnxRun.Run(fed, inputs)[0].Floats;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], found[i], 1e-6);
        }
    }

    [Fact]
    public void ClassifierGraph_Bert_BearsHuggingFaceNamesAndReadableScopes()
    {
        ModelProto model = ClassifierGraph.FromCheckpoint(Small("bert", HiddenActivation.Gelu)).ToModel();
        string[] initializers = [.. model.Graph.Initializer.Select(tensor => tensor.Name)];
        Assert.Contains("bert.embeddings.word_embeddings.weight", initializers);
        Assert.Contains("bert.encoder.layer.1.attention.self.query.weight", initializers);
        Assert.Contains("bert.encoder.layer.0.attention.output.LayerNorm.bias", initializers);
        Assert.Contains("bert.pooler.dense.bias", initializers);
        Assert.Contains("classifier.weight", initializers);
        string[] nodes = [.. model.Graph.Node.Select(node => node.Name)];
        Assert.Contains("encoder.layer.0/attention/Softmax", nodes);
        Assert.Contains("encoder.layer.1/feed_forward/Gelu", nodes);
        Assert.Equal(["input_ids", "attention_mask", "token_type_ids"], model.Graph.Input.Select(input => input.Name));
        Assert.Equal(["logits"], model.Graph.Output.Select(output => output.Name));
    }

    [Fact]
    public void ClassifierGraph_DistilBert_HasNoTokenTypes()
    {
        ModelProto model = ClassifierGraph.FromCheckpoint(Small("distilbert", HiddenActivation.Gelu)).ToModel();
        Assert.Equal(["input_ids", "attention_mask"], model.Graph.Input.Select(input => input.Name));
        string[] initializers = [.. model.Graph.Initializer.Select(tensor => tensor.Name)];
        Assert.Contains("distilbert.transformer.layer.0.attention.q_lin.weight", initializers);
        Assert.Contains("distilbert.transformer.layer.1.ffn.lin2.bias", initializers);
        Assert.Contains("pre_classifier.weight", initializers);
    }

    [Fact]
    public void ClassifierGraph_EveryHiddenState_KeepsItsSymbols()
    {
        ClassifierGraph graph = ClassifierGraph.FromCheckpoint(Small("bert", HiddenActivation.Gelu));
        Assert.Equal("[batch, 2, sequence, sequence]", graph.Builder.Value("encoder.layer.0/attention/Softmax").Shape.ToString());
        Assert.Equal("[batch*sequence, 16]", graph.Builder.Value("encoder.layer.1/feed_forward/LayerNormalization").Shape.ToString());
        foreach (NodeProto node in graph.Builder.Nodes)
        {
            foreach (string output in node.Output)
            {
                Assert.DoesNotContain(graph.Builder.Value(output).Shape, dimension => dimension.IsUnknown);
            }
        }
    }

    [Fact]
    public void ClassifierGraph_ParameterOfAnotherShape_IsRefused()
    {
        Checkpoint checkpoint = Small("bert", HiddenActivation.Gelu);
        EncoderConfig wider = checkpoint.Config with { MaxPositionEmbeddings = 99 };
        ArgumentException error = Assert.Throws<ArgumentException>(() => ClassifierGraph.Create(wider, checkpoint.Parameters));
        Assert.StartsWith("parameter 'bert.embeddings.position_embeddings.weight' has shape [24, 16], expected [99, 16].", error.Message);
        Assert.StartsWith("there are no parameters to store in the graph.", Assert.Throws<ArgumentException>(() => ClassifierGraph.Create(wider, null)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassifierGraph.FromCheckpoint(checkpoint, new ClassifierGraphOptions { Opset = 16 }));
    }

    internal static Checkpoint Small(string modelType, HiddenActivation activation)
    {
        var size = new EncoderSize("test", 2, 16, 2);
        EncoderConfig config = EncoderConfig.Create(size, 50, Labels, modelType) with { Activation = activation, MaxPositionEmbeddings = 24, InitializerRange = 0.3 };
        return Checkpoint.CreateRandom(config, seed: 11);
    }
}
