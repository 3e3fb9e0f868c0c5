namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>An input of a training graph by which the caller drops elements: float, 0 where dropped and 1/(1 - probability) where kept.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Shape">The shape, that of the value it is multiplied with.</param>
/// <param name="Probability">The probability that an element is dropped, in (0, 1).</param>
public sealed record DropoutMaskInput(string Name, SymbolicShape Shape, float Probability);
