using System.Collections.Frozen;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>Writes the files of a model directory in the Hugging Face layout. Stateless.</summary>
public static class ModelFiles
{
    internal const string WeightsFileName = "model.safetensors";
    internal const string CardFileName = "README.md";
    internal const string OnnxFolderName = "onnx";

    /// <summary>The entries of a model directory, which may be replaced where a directory is to be overwritten.</summary>
    public static IReadOnlySet<string> Names { get; } = new[]
    {
        EncoderConfig.FileName, WeightsFileName, "vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", OnnxFolderName, "thresholds.json", "manifest.json", CardFileName,
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Writes configuration, weights and tokenizer.</summary>
    /// <param name="directory">The directory, made if it does not exist; a caller that must not leave half of it writes to a <see cref="StagedDirectory"/>.</param>
    /// <param name="checkpoint">Configuration and weights.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="weightType">The element type of <c>model.safetensors</c>: <see cref="ElementType.Float32"/>, <see cref="ElementType.Float16"/>, or <see langword="null"/> for no such file.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="directory"/> is empty, the configuration is not valid, or the element type is another.</exception>
    /// <exception cref="InvalidDataException">A weight is too large for float16.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void WriteCheckpoint(string directory, Checkpoint checkpoint, WordPieceTokenizer tokenizer, ElementType? weightType = ElementType.Float32)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        TokenizerFiles.Write(tokenizer, directory);
        checkpoint.Config.Save(Path.Combine(directory, EncoderConfig.FileName));
        if (weightType is ElementType type)
        {
            SafetensorsFile.Write(Path.Combine(directory, WeightsFileName), checkpoint.Parameters, type);
        }
    }

    /// <summary>Writes the same with float32 weights, and <c>onnx/model.onnx</c>, as the engine and other programs load it.</summary>
    /// <param name="directory">The directory, made if it does not exist.</param>
    /// <param name="checkpoint">Configuration and weights.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="directory"/> is empty, or the configuration is not valid.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void WriteModel(string directory, Checkpoint checkpoint, WordPieceTokenizer tokenizer)
    {
        WriteCheckpoint(directory, checkpoint, tokenizer);
        string onnx = Directory.CreateDirectory(Path.Combine(directory, OnnxFolderName)).FullName;
        ModelFile.Save(ClassifierGraph.FromCheckpoint(checkpoint).ToModel(), Path.Combine(onnx, ServingExport.PortableFileNameOf(ServingPrecision.Float32)));
    }
}
