using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using Google.Protobuf;

namespace GoEmotions.Onnx.Cli;

/// <summary>A classifier from any model directory: its ONNX model, or where it has none, a graph built from its weights.</summary>
internal static class CheckpointClassifier
{
    /// <summary>Loads a classifier.</summary>
    /// <param name="path">The model directory.</param>
    /// <param name="note">Takes a line about what a person should know, such as parameters that had to be made anew.</param>
    /// <param name="options">How to run.</param>
    public static EmotionClassifier Load(string path, Action<string> note, EmotionClassifierOptions? options = null)
    {
        ModelDirectory directory = ModelDirectory.Open(path);
        if (directory.HasGraph(options))
        {
            return EmotionClassifier.Load(path, options);
        }

        EmotionLabels labels = directory.Config.Labels ?? EmotionLabels.GoEmotions;
        Checkpoint checkpoint = CheckpointDirectory.Load(path, new CheckpointLoadOptions { Labels = [.. labels] });
        foreach (string line in checkpoint.Report.Describe())
        {
            note($"{path}: {line}");
        }

        byte[] model = ClassifierGraph.FromCheckpoint(checkpoint).ToModel().ToByteArray();
        return EmotionClassifier.Create(model, directory.LoadTokenizer(), labels, checkpoint.Config.MaxPositionEmbeddings, options);
    }

    /// <summary>The thresholds that a model directory brings, or null.</summary>
    public static LabelThresholds? FindThresholds(string path, EmotionLabels labels)
    {
        string file = ModelDirectory.ThresholdsFileOf(path);
        return File.Exists(file) ? LabelThresholds.Load(file, labels) : null;
    }
}
