using System.Text.Json;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Quantization;
using GoEmotions.Onnx.Training.Tests.Quantization;
using Google.Protobuf;

namespace GoEmotions.Onnx.Training.Tests.Export;

public sealed class ModelExporterTests : IClassFixture<TrainedModel>, IDisposable
{
    private static readonly string[] SmallFiles = ["README.md", "config.json", "special_tokens_map.json", "thresholds.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"];

    private readonly TrainedModel _model;
    private readonly TemporaryFolder _folder = new();

    public ModelExporterTests(TrainedModel model)
    {
        _model = model;
        Directory.CreateDirectory(Source);
        model.Save(Source);
        LabelThresholds.Create(TrainedModel.Labels, [0.4f, 0.5f, 0.6f], new ThresholdTuning { Split = "held-out training texts", Rows = 40, Method = "best F1 per label" })
            .Save(ModelDirectory.ThresholdsFileOf(Source));
    }

    private string Source => _folder["model"];

    private string Destination => _folder["exported"];

    private ModelExportOptions Options => new()
    {
        Graphs = new ServingExportOptions
        {
            Variants = [ServingPrecision.Float32, ServingPrecision.Int8, ServingPrecision.Float16],
            Graphs = ExportedGraphs.All,
            CalibrationTexts = _model.Texts,
            GateDataset = _model.Development,
        },
        Card = new ModelCardOptions { Evaluations = [new EvaluationSplit("dev", _model.Development)], License = "mit" },
    };

    public void Dispose() => _folder.Dispose();

    private static ModelExportResult Export(string modelDirectory, string destination, ModelExportOptions options) =>
        ModelExporter.Export(modelDirectory, destination, options, TestContext.Current.CancellationToken);

    // The weights stand beside the destination already when the first graph asks.
    [Fact]
    public void Export_Cancelled_LeavesNothing()
    {
        Assert.Throws<OperationCanceledException>(() => ModelExporter.Export(Source, Destination, Options, new CancellationToken(canceled: true)));
        Assert.Equal([Source], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Export_CancelledInTheMiddle_KeepsWhatItWouldReplace()
    {
        Export(Source, Destination, Options);
        byte[] manifest = File.ReadAllBytes(Path.Combine(Destination, "manifest.json"));
        using var cancellation = new CancellationTokenSource();
        ModelExportOptions options = Options with { Overwrite = true };
        options = options with { Graphs = options.Graphs with { CalibrationTexts = new CancellingTexts(_model.Texts, cancellation) } };
        Assert.Throws<OperationCanceledException>(() => ModelExporter.Export(Source, Destination, options, cancellation.Token));
        Assert.Equal(manifest, File.ReadAllBytes(Path.Combine(Destination, "manifest.json")));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Root).Length);
    }

    [Fact]
    public void Export_EveryVariant_GivesTheLayoutThatTheManifestVerifies()
    {
        ModelExportResult result = Export(Source, Destination, Options);
        Assert.True(result.Gate!.Passed, result.Gate.Describe());
        Assert.True(result.PortableGate!.Passed, result.PortableGate.Describe());
        string[] graphs = ["onnx/model.onnx", "onnx/model_fp16.onnx", "onnx/model_quantized.onnx", "onnx/serving.onnx", "onnx/serving_fp16.onnx", "onnx/serving_int8.onnx"];
        string[] expected = [.. SmallFiles.Concat(graphs).Append("manifest.json").Append("model.safetensors").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, FilesOf(Destination));
        Assert.Equal(expected, result.Files.Select(file => file.Key));
        Assert.All(result.Files, file => Assert.Equal(new FileInfo(Path.Combine(Destination, file.Key)).Length, file.Value));
        ModelManifest manifest = ModelManifest.Find(Destination)!;
        Assert.Equal(expected.Except(["manifest.json"]), manifest.Files.Order(StringComparer.Ordinal));
        Assert.All(manifest.Files, manifest.Verify);

        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Destination, "config.json")));
        Assert.Equal("BertForSequenceClassification", config.RootElement.GetProperty("architectures")[0].GetString());
        Assert.Equal("multi_label_classification", config.RootElement.GetProperty("problem_type").GetString());
        Assert.Equal("food", config.RootElement.GetProperty("id2label").GetProperty("1").GetString());
        Assert.Equal(1, config.RootElement.GetProperty("label2id").GetProperty("food").GetInt32());
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("model_quantized.onnx")]
    [InlineData("model_fp16.onnx")]
    public void Export_GraphForOtherPrograms_IsOfStandardOperators(string name)
    {
        Export(Source, Destination, Options);
        ModelProto graph = ModelFile.Load(Path.Combine(Destination, "onnx", name));
        Assert.Empty(GraphChecker.Check(graph));
        Assert.All(graph.Graph.Node, node => Assert.Equal("", node.Domain));
        Assert.Equal([("", 21L)], graph.OpsetImport.Select(import => (import.Domain, import.Version)));
        Assert.Equal(["input_ids", "attention_mask", "token_type_ids"], graph.Graph.Input.Select(input => input.Name));
        Assert.Equal(["logits"], graph.Graph.Output.Select(output => output.Name));
        Assert.Equal((int)ElementType.Float32, graph.Graph.Output[0].Type.TensorType.ElemType);
    }

    // Bounds: float16 has 11 bits of significand; int8's is the gate's own, by probabilities of a trained model.
    [Theory]
    [InlineData(ModelVariant.Fp32, 1e-5)]
    [InlineData(ModelVariant.Int8, 0.05)]
    [InlineData(ModelVariant.Fp16, 0.01)]
    public void Export_BothGraphsOfAVariant_ScoreAlikeInTheEngine(ModelVariant variant, double bound)
    {
        Export(Source, Destination, Options);
        float[] expected = Score(Source, ModelVariant.Fp32, weightsAlone: true);
        float[] serving = Score(Destination, variant);
        foreach (string file in Directory.GetFiles(Path.Combine(Destination, "onnx"), "serving*"))
        {
            File.Delete(file);
        }

        ModelManifest.Write(Destination, FilesOf(Destination).Where(file => file != "manifest.json"));
        float[] portable = Score(Destination, variant);
        Assert.InRange(Worst(expected, serving), 0, bound);
        Assert.InRange(Worst(expected, portable), 0, bound);
    }

    [Fact]
    public void Export_SameModel_GivesTheSameBytesAndLeavesTheSourceAsItWas()
    {
        Dictionary<string, string> before = Hashes(Source);
        Export(Source, Destination, Options);
        Export(Source, _folder["again"], Options);
        Assert.Equal(Hashes(Destination), Hashes(_folder["again"]));
        Assert.Equal(before, Hashes(Source));
        Assert.Equal(["again", "exported", "model"], Directory.GetFileSystemEntries(_folder.Root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Export_OfAnExport_GivesTheSameModel()
    {
        Export(Source, Destination, Options);
        Export(Destination, _folder["again"], Options);
        Assert.Equal(Hashes(Destination), Hashes(_folder["again"]));
    }

    [Fact]
    public void Export_HalfWeightsAndInt8Alone_IsSmallAndLoads()
    {
        ModelExportOptions options = Options with { WeightType = ElementType.Float16, Graphs = Options.Graphs with { Variants = [ServingPrecision.Int8], Graphs = ExportedGraphs.Serving } };
        Export(Source, Destination, options);
        Assert.Equal([.. SmallFiles.Append("manifest.json").Append("model.safetensors").Append("onnx/serving_int8.onnx").Order(StringComparer.Ordinal)], FilesOf(Destination));
        Assert.InRange(new FileInfo(Path.Combine(Destination, "model.safetensors")).Length, 1, (new FileInfo(Path.Combine(Source, "model.safetensors")).Length / 2) + 10_000);
        Checkpoint read = CheckpointDirectory.Load(Destination);
        Assert.Equal((float)(Half)_model.Checkpoint.Parameters["classifier.weight"].Values.Span[3], read.Parameters["classifier.weight"].Values.Span[3]);
        Assert.InRange(Worst(Score(Source, ModelVariant.Fp32, weightsAlone: true), Score(Destination, ModelVariant.Auto)), 0, 0.05);
    }

    [Fact]
    public void Export_GateFails_WritesNeitherInt8AndTheCardSaysSo()
    {
        ModelExportResult result = Export(Source, Destination, Options with { Graphs = Options.Graphs with { Gate = new QuantizationGate { MaxMacroF1Loss = -1 } } });
        Assert.False(result.Gate!.Passed);
        Assert.False(result.PortableGate!.Passed);
        Assert.Equal(["model.onnx", "model_fp16.onnx", "serving.onnx", "serving_fp16.onnx"], Directory.GetFiles(Path.Combine(Destination, "onnx")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        string card = File.ReadAllText(Path.Combine(Destination, "README.md"));
        Assert.Equal(2, card.Split("| not written |").Length - 1);
    }

    [Fact]
    public void Export_Weightless_HasNoSafetensors()
    {
        Export(Source, Destination, Options with { WeightType = null, Graphs = Options.Graphs with { Variants = [ServingPrecision.Float32], Graphs = ExportedGraphs.Portable } });
        Assert.Equal([.. SmallFiles.Append("manifest.json").Append("onnx/model.onnx").Order(StringComparer.Ordinal)], FilesOf(Destination));
    }

    [Fact]
    public void Export_ExistingDestination_IsReplacedOnlyWhenAllowed()
    {
        ModelExportOptions small = Options with { Graphs = Options.Graphs with { Variants = [ServingPrecision.Float32], Graphs = ExportedGraphs.Serving } };
        Export(Source, Destination, small);
        Dictionary<string, string> before = Hashes(Destination);
        Assert.Contains("exists and is not empty", Assert.Throws<IOException>(() => Export(Source, Destination, small)).Message);
        Assert.Equal(before, Hashes(Destination));

        // What goes wrong while it is replaced leaves the old one.
        Assert.Throws<ArgumentException>(() => Export(Source, Destination, small with { Overwrite = true, Graphs = Options.Graphs with { CalibrationTexts = [] } }));
        Assert.Equal(before, Hashes(Destination));
        Export(Source, Destination, small with { Overwrite = true, WeightType = null });
        Assert.False(File.Exists(Path.Combine(Destination, "model.safetensors")));
        File.WriteAllText(Path.Combine(Destination, "mine.txt"), "mine");
        Assert.Contains("'mine.txt', which would be lost", Assert.Throws<IOException>(() => Export(Source, Destination, small with { Overwrite = true })).Message);
        Assert.Equal(["exported", "model"], Directory.GetFileSystemEntries(_folder.Root).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("config.json", "config.json")]
    [InlineData("model.safetensors", "model.safetensors")]
    [InlineData("vocab.txt", null)]
    public void Export_FileMissing_IsNamed(string file, string? named)
    {
        File.Delete(Path.Combine(Source, file));
        if (named is null)
        {
            // tokenizer.json holds the vocabulary, too.
            Export(Source, Destination, Options);
            Assert.True(File.Exists(Path.Combine(Destination, file)));
            return;
        }

        string message = Assert.ThrowsAny<IOException>(() => Export(Source, Destination, Options)).Message;
        Assert.Contains(named, message);
        AssertNothingWritten(message);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("thresholds.json")]
    [InlineData("tokenizer.json")]
    public void Export_SourceThatIsNotItsManifests_IsRefused(string file)
    {
        ModelManifest.Write(Source, FilesOf(Source));
        using (FileStream stream = File.Open(Path.Combine(Source, file), FileMode.Append))
        {
            stream.WriteByte((byte)' ');
        }

        string message = Assert.Throws<InvalidDataException>(() => Export(Source, Destination, Options)).Message;
        Assert.Contains(Path.Combine(Source, file), message);
        Assert.Contains("as manifest.json says", message);
        AssertNothingWritten(message);
    }

    [Fact]
    public void Export_LabelCountsThatDiffer_AreRefusedWithFileAndReason()
    {
        LabelThresholds.Uniform(EmotionLabels.Create("animal", "food")).Save(ModelDirectory.ThresholdsFileOf(Source));
        string fewer = Assert.Throws<InvalidDataException>(() => Export(Source, Destination, Options)).Message;
        Assert.Contains("thresholds.json: no threshold for label 'place' (1 of 3 missing)", fewer);
        AssertNothingWritten(fewer);

        (_model.Checkpoint.Config with { Labels = ["animal", "food"] }).Save(Path.Combine(Source, EncoderConfig.FileName));
        string head = Assert.Throws<InvalidDataException>(() => Export(Source, Destination, Options)).Message;
        Assert.Contains("config.json has 2 labels (id2label), the head has 3 rows", head);
        AssertNothingWritten(head);
    }

    [Fact]
    public void Export_OptionsThatDoNotFit_AreRefused()
    {
        Assert.Contains("the evaluation split 'other' has 1 texts and 2 labels", Refusal(Options with { Card = new ModelCardOptions { Evaluations = [new EvaluationSplit("other", EmotionDataset.Create(EmotionLabels.Create("a", "b"), _model.Development[0] with { Labels = default }))] } }));
        Assert.Contains("the type of the weights is Int8", Refusal(Options with { WeightType = ElementType.Int8 }));
        Assert.Contains("the graphs are None", Refusal(Options with { Graphs = Options.Graphs with { Graphs = ExportedGraphs.None } }));
        Assert.Contains("is the model itself", Assert.Throws<ArgumentException>(() => Export(Source, Source + "/", Options with { Overwrite = true })).Message);
        Assert.Contains("is in the model", Assert.Throws<ArgumentException>(() => Export(Source, Path.Combine(Source, "onnx"), Options)).Message);
        SafetensorsFile.Write(Path.Combine(Source, "model.safetensors"), _model.Checkpoint.Parameters.Where(parameter => !parameter.Name.StartsWith("classifier", StringComparison.Ordinal)));
        Assert.Contains("its weights lack 'classifier.weight', expected a trained classifier.", Assert.Throws<InvalidDataException>(() => Export(Source, Destination, Options)).Message);

        string Refusal(ModelExportOptions options)
        {
            string message = Assert.Throws<ArgumentException>(() => Export(Source, Destination, options)).Message;
            AssertNothingWritten(message);
            return message;
        }
    }

    [Fact]
    public void Export_DestinationBelowAFile_IsRefused()
    {
        _folder.Write("file", "mine");
        Assert.ThrowsAny<IOException>(() => Export(Source, _folder["file"], Options));
        Assert.Contains($"{_folder["file"]} is a file, expected a directory.", Assert.Throws<IOException>(() => Export(Source, Path.Combine(_folder["file"], "deep", "exported"), Options)).Message);
        Assert.Equal("mine", File.ReadAllText(_folder["file"]));
        Assert.Equal(["file", "model"], Directory.GetFileSystemEntries(_folder.Root).Select(Path.GetFileName).Order());
    }

    private static string[] FilesOf(string directory) =>
        [.. Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static Dictionary<string, string> Hashes(string directory) =>
        FilesOf(directory).ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(directory, file)))));

    private static double Worst(float[] expected, float[] found) => expected.Zip(found, (left, right) => Math.Abs((double)left - right)).Max();

    private void AssertNothingWritten(string message)
    {
        Assert.DoesNotContain('\n', message);
        Assert.Equal(["model"], Directory.GetFileSystemEntries(_folder.Root).Select(Path.GetFileName));
    }

    private float[] Score(string directory, ModelVariant variant, bool weightsAlone = false)
    {
        using EmotionClassifier classifier = weightsAlone
            ? EmotionClassifier.Create(ClassifierGraph.FromCheckpoint(_model.Checkpoint).ToModel().ToByteArray(), _model.Tokenizer, TrainedModel.Labels)
            : EmotionClassifier.Load(directory, new EmotionClassifierOptions { Variant = variant });
        float[] probabilities = new float[_model.Development.Count * TrainedModel.Labels.Count];
        classifier.Score([.. _model.Development.Select(example => example.Text)], probabilities);
        return probabilities;
    }
}
