using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Training;

/// <summary>Where a parameter lies in the flat blocks.</summary>
/// <param name="Spec">The parameter.</param>
/// <param name="Start">The index of its first element.</param>
/// <param name="Length">The number of its elements.</param>
/// <param name="IsTrained">Whether it has a gradient and moments, at the same place in their blocks.</param>
public sealed record ParameterSlot(ParameterSpec Spec, int Start, int Length, bool IsTrained);
