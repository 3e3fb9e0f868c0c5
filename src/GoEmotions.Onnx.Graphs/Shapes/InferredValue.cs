namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>The type of a value and, for a small integer tensor, its elements as far as they are known.</summary>
internal sealed record InferredValue(TensorType Type, Dimension[]? Elements = null)
{
    public static InferredValue Unknown { get; } = new(TensorType.Unknown);
}
