namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>A row of the gradient table.</summary>
/// <param name="Domain">The operator set: empty for the standard's.</param>
/// <param name="OperatorType">The operator.</param>
/// <param name="SinceOpset">The operator set version from which on the rule holds.</param>
/// <param name="Apply">
/// Gives each input that needs one its gradient; <see langword="null"/> where the operator has none, because its output is no
/// differentiable function of its inputs (a shape, a comparison).
/// </param>
internal sealed record GradientRule(string Domain, string OperatorType, int SinceOpset, Action<GradientContext>? Apply);
