namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>How often one label was missed in rows where another was predicted wrongly.</summary>
/// <param name="MissedLabel">The index of the true label that was not predicted.</param>
/// <param name="PredictedLabel">The index of the predicted label that is not true.</param>
/// <param name="Rows">The number of such rows.</param>
public readonly record struct LabelConfusion(int MissedLabel, int PredictedLabel, int Rows);
