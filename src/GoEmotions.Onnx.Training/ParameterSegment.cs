namespace GoEmotions.Onnx.Training;

/// <summary>A run of parameters in the flat blocks that the optimizer treats alike.</summary>
/// <param name="Start">The index of its first element.</param>
/// <param name="Length">The number of its elements.</param>
/// <param name="TakesWeightDecay">Whether its parameters take weight decay: biases and layer normalizations do not.</param>
/// <param name="IsHead">Whether its parameters are the classification head's, which may have a learning rate of its own.</param>
public readonly record struct ParameterSegment(int Start, int Length, bool TakesWeightDecay, bool IsHead);
