namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>Precision, recall and F1 of one label, or one mean of them over labels; each in [0, 1].</summary>
/// <param name="Precision">The part of the predicted that is true; 0 when nothing was predicted.</param>
/// <param name="Recall">The part of the true that was predicted; 0 when nothing is true.</param>
/// <param name="F1">Of a label: 2 TP / (2 TP + FP + FN), 0 when that is 0 / 0. Of a mean: the mean of the labels' F1, not the F1 of the means.</param>
public readonly record struct PrecisionRecallF1(double Precision, double Recall, double F1);
