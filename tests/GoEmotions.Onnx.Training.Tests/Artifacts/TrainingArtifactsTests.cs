using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Artifacts;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests.Artifacts;

/// <summary>What can be said of the artifacts without ONNX Runtime's training build; the parity tests run them in it.</summary>
public sealed class TrainingArtifactsTests
{
    private static readonly EncoderConfig Config = EncoderConfig.Create(EncoderSize.Tiny, 40, ["a", "b", "c"]) with { MaxPositionEmbeddings = 16 };

    [Theory]
    [InlineData("bert", 17)]
    [InlineData("distilbert", 17)]
    [InlineData("bert", 21)]
    public void TrainingArtifacts_Inputs_StandInTheOfficialOrder(string modelType, int opset)
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 40, ["a", "b", "c"], modelType);
        TrainingArtifacts artifacts = TrainingArtifacts.Create(config, new TrainingArtifactsOptions { Opset = opset });
        string[] given = modelType == "bert" ? ["input_ids", "attention_mask", "token_type_ids", "labels"] : ["input_ids", "attention_mask", "labels"];
        string[] parameters = [.. artifacts.Parameters.Select(spec => spec.Name)];
        Assert.Equal([.. given, .. parameters, .. parameters.Select(name => name + "_grad.accumulation.buffer"), "lazy_reset_grad"], Names(artifacts.TrainingModel.Graph.Input));
        Assert.Equal(["loss", "logits", .. parameters.Select(name => name + "_grad.accumulation.out")], Names(artifacts.TrainingModel.Graph.Output));
        Assert.Equal([.. given, .. parameters], Names(artifacts.EvaluationModel.Graph.Input));
        Assert.Equal(["loss", "logits"], Names(artifacts.EvaluationModel.Graph.Output));
        Assert.Equal(["learning_rate", "step", "params", "gradients", "first_order_moments", "second_order_moments"], Names(artifacts.OptimizerModel.Graph.Input));
        foreach (ModelProto model in new[] { artifacts.TrainingModel, artifacts.EvaluationModel })
        {
            Assert.True(model.IrVersion <= 10);
            Assert.DoesNotContain(GraphChecker.Check(model), finding => finding.Severity == GraphFindingSeverity.Error);
        }

        Assert.Equal(["InPlaceAccumulatorV2"], artifacts.TrainingModel.Graph.Node.Where(node => node.Domain.Length > 0).Select(node => node.OpType).Distinct());
    }

    // ScatterND loses additions when several threads run (ONNX Runtime issue 18048).
    [Fact]
    public void TrainingArtifacts_GradientsOfTables_AreAddedByScatterElements()
    {
        GraphProto graph = TrainingArtifacts.Create(Config).TrainingModel.Graph;
        Assert.DoesNotContain(graph.Node, node => node.OpType == "ScatterND");
        Assert.Contains(graph.Node, node => node.OpType == "ScatterElements");
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(0.0, false)]
    [InlineData(0.3, true)]
    public void TrainingArtifacts_Dropout_IsTheOneAskedFor(double? probability, bool drops)
    {
        TrainingArtifacts artifacts = TrainingArtifacts.Create(Config, new TrainingArtifactsOptions { Dropout = probability });
        Assert.Equal(drops, artifacts.TrainingModel.Graph.Node.Any(node => node.OpType == "Dropout"));
        Assert.DoesNotContain(artifacts.EvaluationModel.Graph.Node, node => node.OpType == "Dropout");
        IEnumerable<string> ratios = artifacts.TrainingModel.Graph.Node.Where(node => node.OpType == "Dropout").Select(node => node.Input[1]).Distinct();
        Assert.All(ratios, ratio => Assert.Equal((float)(probability ?? 0.1), BitConverter.ToSingle(artifacts.TrainingModel.Graph.Initializer.Single(tensor => tensor.Name == ratio).RawData.Span)));
    }

    [Fact]
    public void TrainingArtifacts_FrozenParameters_HaveNoGradientAndStandInTheFrozenList()
    {
        var options = new TrainingArtifactsOptions { Trains = FrozenParts.Parse("embeddings,encoder.0").ToTrains(Config) };
        TrainingArtifacts artifacts = TrainingArtifacts.Create(Config, options);
        OrtCheckpoint checkpoint = artifacts.CreateCheckpoint(ParameterInitializer.Initialize(Config, 1));
        Assert.All(checkpoint.Frozen, parameter => Assert.True(parameter.Name.Contains("embeddings", StringComparison.Ordinal) || parameter.Name.Contains("layer.0.", StringComparison.Ordinal)));
        Assert.Equal(5 + 16, checkpoint.Frozen.Count);
        Assert.Equal(checkpoint.Trained.Select(parameter => parameter.Name + "_grad.accumulation.buffer"), Names(artifacts.TrainingModel.Graph.Input).Where(name => name.EndsWith(".buffer", StringComparison.Ordinal)));
    }

    [Fact]
    public void TrainingArtifacts_OptimizerOptions_StandInItsModel()
    {
        TrainingArtifacts artifacts = TrainingArtifacts.Create(Config, new TrainingArtifactsOptions
        {
            ClipNorm = 0.5,
            LearningRateScale = 0.02,
            Optimizer = new AdamWOptions { Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-7, WeightDecay = 0.25, Mode = AdamWMode.HuggingFace },
        });
        Assert.Equal(["Mul", "InplaceClipGradNorm", "AdamWOptimizer"], artifacts.OptimizerModel.Graph.Node.Select(node => node.OpType));
        Dictionary<string, AttributeProto> attributes = artifacts.OptimizerModel.Graph.Node[2].Attribute.ToDictionary(attribute => attribute.Name);
        Assert.Equal((0.8f, 0.99f, 1e-7f, 0.25f), (attributes["alpha"].F, attributes["beta"].F, attributes["epsilon"].F, attributes["weight_decay"].F));
        Assert.Equal((1, 1), (attributes["correct_bias"].I, attributes["adam_mode"].I));
        Assert.Equal(0.5f, artifacts.OptimizerModel.Graph.Node[1].Attribute.Single(attribute => attribute.Name == "max_norm").F);
    }

    [Fact]
    public void TrainingArtifacts_WrongOptions_AreRefused()
    {
        Assert.Equal("Dropout", Refused(new TrainingArtifactsOptions { Dropout = 1 }));
        Assert.Equal("ClipNorm", Refused(new TrainingArtifactsOptions { ClipNorm = 0 }));
        Assert.Equal("LearningRateScale", Refused(new TrainingArtifactsOptions { LearningRateScale = double.NaN }));
        Assert.Equal("CheckpointVersion", Refused(new TrainingArtifactsOptions { CheckpointVersion = 3 }));
        Assert.Equal("Opset", Refused(new TrainingArtifactsOptions { Opset = 22 }));
        Assert.Equal("Mode", Refused(new TrainingArtifactsOptions { Optimizer = new AdamWOptions { Mode = (AdamWMode)7 } }));

        static string? Refused(TrainingArtifactsOptions options) => Assert.Throws<ArgumentOutOfRangeException>(() => TrainingArtifacts.Create(Config, options)).ParamName;
    }

    [Fact]
    public void TrainingArtifacts_CheckpointThatDoesNotFit_IsRefusedAndNothingWritten()
    {
        using var folder = new TemporaryFolder();
        TrainingArtifacts artifacts = TrainingArtifacts.Create(Config, new TrainingArtifactsOptions { Trains = FrozenParts.Parse("embeddings").ToTrains(Config) });
        ParameterSet parameters = ParameterInitializer.Initialize(Config, 1);
        OrtCheckpoint fits = artifacts.CreateCheckpoint(parameters);
        Refused("has no parameter 'classifier.bias'", fits with { Trained = new ParameterSet(fits.Trained.Where(parameter => parameter.Name != "classifier.bias")) });
        Refused("has a parameter 'foreign', which the model does not have", fits with { Frozen = new ParameterSet(fits.Frozen.Append(new Parameter("foreign", [1], new float[1]))) });
        Refused("'classifier.bias' has dims [4], expected [3]", fits with { Trained = new ParameterSet(fits.Trained.Select(parameter => parameter.Name == "classifier.bias" ? new Parameter(parameter.Name, [4], new float[4]) : parameter)) });
        Refused("is trained, but the training model does not train it", OrtCheckpoint.Create(artifacts.Parameters, parameters));

        void Refused(string expected, OrtCheckpoint checkpoint)
        {
            Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => artifacts.Save(checkpoint, folder.Root)).Message);
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
        }
    }

    [Fact]
    public void OrtCheckpoint_BuffersCopiedThereAndBack_AreTheSameBits()
    {
        TrainingArtifacts artifacts = TrainingArtifacts.Create(Config);
        using var buffers = new ParameterBuffers(artifacts.Parameters, _ => true);
        buffers.Load(ParameterInitializer.Initialize(Config, 1));
        foreach (ParameterSlot slot in buffers.Slots)
        {
            buffers.FirstMoments.Slice(slot.Start, slot.Length).Fill(slot.Start + 1);
            buffers.SecondMoments.Slice(slot.Start, slot.Length).Fill(slot.Start + 2);
        }

        using var folder = new TemporaryFolder();
        OrtCheckpointFile.Save(OrtCheckpoint.FromBuffers(buffers, step: 11), folder["checkpoint"]);
        OrtCheckpoint back = OrtCheckpointFile.Load(folder["checkpoint"]);
        using var others = new ParameterBuffers(artifacts.Parameters, _ => true);
        Assert.Equal(11, back.CopyTo(others));
        Assert.Equal(buffers.Weights.ToArray(), others.Weights.ToArray());
        Assert.Equal(buffers.FirstMoments.ToArray(), others.FirstMoments.ToArray());
        Assert.Equal(buffers.SecondMoments.ToArray(), others.SecondMoments.ToArray());

        Assert.Equal(0, (back with { Optimizer = null }).CopyTo(others));
        Assert.Equal(0, others.FirstMoments.ToArray().Max());
        OrtCheckpoint frozen = OrtCheckpoint.FromBuffers(buffers, step: 3) with { Optimizer = back.Optimizer! with { FirstMoments = new ParameterSet(), SecondMoments = new ParameterSet(back.Optimizer.SecondMoments.First()) } };
        Assert.Contains("has no moments of parameter", Assert.Throws<InvalidDataException>(() => frozen.CopyTo(others)).Message);
    }

    [Fact]
    public void OrtTrainingSession_NativeLibraryWithoutTrainingApi_SaysSo()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("training_model.onnx", Assert.Throws<FileNotFoundException>(() => OrtTrainingSession.Open(Write(OrtCheckpoint.FileName))).Message);
        TrainingArtifacts artifacts = TrainingArtifacts.Create(Config);
        artifacts.Save(artifacts.CreateCheckpoint(ParameterInitializer.Initialize(Config, 1)), folder.Root);
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(() => OrtTrainingSession.Open(folder.Root));
        Assert.Contains("has no training API", error.Message);
        Assert.Contains("-p:OnnxRuntimeFlavor=Training", error.Message);

        string Write(string name)
        {
            folder.Write(name, "x");
            return folder.Root;
        }
    }

    private static string[] Names(IEnumerable<ValueInfoProto> values) => [.. values.Select(value => value.Name)];
}
