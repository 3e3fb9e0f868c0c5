using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>Labelled texts that an exported model is measured on.</summary>
/// <param name="Name">What the card calls them, such as <c>dev</c>.</param>
/// <param name="Dataset">The texts, with the model's labels in their order.</param>
public sealed record EvaluationSplit(string Name, EmotionDataset Dataset);
