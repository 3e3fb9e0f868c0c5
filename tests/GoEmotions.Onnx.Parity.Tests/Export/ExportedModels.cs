using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Parity.Tests.Encoders;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>Model directories as they leave home: the default model, and random ones of each architecture with its vocabulary.</summary>
public sealed class ExportedModels : IDisposable
{
    private const int Seed = 20241124;

    private readonly TemporaryFolder _folder = new();

    /// <summary>The kinds of <see cref="Get"/>.</summary>
    public static TheoryData<string> Kinds => ["default", "bert", "distilbert"];

    /// <summary>200 texts of the embedded sample, and some that it has none like: empty, other scripts. None is longer than the encoder's positions.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        .. SampleCorpus.Load().Dataset.Select(example => example.Text).Take(195),
        "", "   ", "CAF\u00c9 na\u00efve \u4e2d\u6587 \ud55c\uad6d\uc5b4 \u05e9\u05dc\u05d5\u05dd", "[NAME] said [MASK] \ud83d\ude00\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67!!!", "don't\u2026 \u201cquote\u201d \u2014 it\u2019s",
    ];

    /// <summary>The directory of a model with every variant, exported when it is first asked for.</summary>
    public string Get(string kind)
    {
        string path = _folder[kind];
        if (!Directory.Exists(path))
        {
            ModelExporter.Export(SourceOf(kind), path, new ModelExportOptions { Graphs = Graphs });
        }

        return path;
    }

    /// <summary>The same with float16 weights, and the graph of these.</summary>
    public string GetHalf(string kind)
    {
        string path = _folder[kind + "-half"];
        if (!Directory.Exists(path))
        {
            var options = new ModelExportOptions { WeightType = ElementType.Float16, Graphs = Graphs with { Variants = [ServingPrecision.Float32], Graphs = ExportedGraphs.Portable } };
            ModelExporter.Export(SourceOf(kind), _folder[kind + "-rounded"], options);
            ModelExporter.Export(_folder[kind + "-rounded"], path, options);
        }

        return path;
    }

    public void Dispose() => _folder.Dispose();

    // What random parameters say is of no quality that a gate could judge.
    private static ServingExportOptions Graphs { get; } = new()
    {
        Variants = [ServingPrecision.Float32, ServingPrecision.Int8, ServingPrecision.Float16],
        Graphs = ExportedGraphs.All,
        CalibrationTexts = [.. SampleCorpus.Load().Dataset.Select(example => example.Text)],
        GateDataset = SampleCorpus.Load().Dataset,
        Gate = new QuantizationGate { MaxMacroF1Loss = 1, MaxMicroF1Loss = 1 },
    };

    private string SourceOf(string kind)
    {
        string source = Path.Combine(TestFiles.RepositoryRoot, "artifacts", "default-model");
        string path = _folder[kind + "-source"];
        if (kind == "default" || Directory.Exists(path))
        {
            return kind == "default" ? source : path;
        }

        WordPieceTokenizer tokenizer = ModelDirectory.Open(source).LoadTokenizer();
        IReadOnlyList<string> labels = EncoderConfig.Load(Path.Combine(source, EncoderConfig.FileName)).Labels;
        EncoderConfig config = EncoderConfig.Create(new EncoderSize(kind, 2, 128, 2), tokenizer.IdCount, labels, kind) with { PadTokenId = tokenizer.PadTokenId };
        ModelFiles.WriteCheckpoint(path, new Checkpoint(config, RandomModel.Parameters(config, Seed), new CheckpointReport()), tokenizer);
        return path;
    }
}
