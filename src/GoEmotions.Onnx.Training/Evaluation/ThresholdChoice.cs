namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>The threshold chosen for one label, and what it gives on the scores it was chosen on.</summary>
/// <param name="Threshold">A probability in [0, 1].</param>
/// <param name="F1">The label's F1 with it on those scores, in [0, 1].</param>
/// <param name="Positives">The label's positives there.</param>
/// <param name="IsFallback">Whether there were too few of them for a threshold of its own.</param>
public readonly record struct ThresholdChoice(float Threshold, double F1, int Positives, bool IsFallback);
