namespace GoEmotions.Onnx;

/// <summary>A label and its probability.</summary>
/// <param name="Label">The label's name.</param>
/// <param name="LabelIndex">Its place among the labels, from 0.</param>
/// <param name="Probability">In [0, 1].</param>
public readonly record struct EmotionScore(string Label, int LabelIndex, float Probability);
