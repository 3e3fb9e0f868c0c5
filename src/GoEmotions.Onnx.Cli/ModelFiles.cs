using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Export;

namespace GoEmotions.Onnx.Cli;

/// <summary>Writes a checkpoint in the Hugging Face layout.</summary>
internal static class ModelFiles
{
    /// <summary>Writes configuration, weights and tokenizer.</summary>
    public static void WriteCheckpoint(string directory, Checkpoint checkpoint, WordPieceTokenizer tokenizer)
    {
        CheckpointDirectory.Save(checkpoint, directory);
        TokenizerFiles.Write(tokenizer, directory);
    }

    /// <summary>Writes the same and <c>onnx/model.onnx</c>, as the engine loads it.</summary>
    public static void WriteModel(string directory, Checkpoint checkpoint, WordPieceTokenizer tokenizer)
    {
        WriteCheckpoint(directory, checkpoint, tokenizer);
        Directory.CreateDirectory(Path.Combine(directory, "onnx"));
        ModelFile.Save(ClassifierGraph.FromCheckpoint(checkpoint).ToModel(), Path.Combine(directory, "onnx", "model.onnx"));
    }
}
