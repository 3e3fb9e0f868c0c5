namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>A confidence interval, both ends included.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper);
