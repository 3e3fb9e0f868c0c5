using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Parity.Tests.Encoders;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Export;

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

    /// <summary>The directory of a model, written when it is first asked for.</summary>
    public string Get(string kind)
    {
        string path = _folder[kind];
        if (!Directory.Exists(path))
        {
            Write(kind, path);
        }

        return path;
    }

    public void Dispose() => _folder.Dispose();

    private static void Write(string kind, string path)
    {
        string source = Path.Combine(TestFiles.RepositoryRoot, "artifacts", "default-model");
        WordPieceTokenizer tokenizer = ModelDirectory.Open(source).LoadTokenizer();
        Checkpoint checkpoint = CheckpointDirectory.Load(source);
        if (kind != "default")
        {
            EncoderConfig config = EncoderConfig.Create(new EncoderSize(kind, 2, 128, 2), tokenizer.IdCount, [.. checkpoint.Config.Labels], kind) with { PadTokenId = tokenizer.PadTokenId };
            checkpoint = new Checkpoint(config, RandomModel.Parameters(config, Seed), new CheckpointReport());
        }

        CheckpointDirectory.Save(checkpoint, path);
        TokenizerFiles.Write(tokenizer, path);
        Directory.CreateDirectory(Path.Combine(path, "onnx"));
        ModelFile.Save(ClassifierGraph.FromCheckpoint(checkpoint).ToModel(), Path.Combine(path, "onnx", "model.onnx"));
    }
}
