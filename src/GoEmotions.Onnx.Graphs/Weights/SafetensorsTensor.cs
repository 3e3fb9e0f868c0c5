namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>A tensor in a <see cref="SafetensorsFile"/>: what its header says of it, checked. Immutable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Its element type.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Offset">Where its first byte is in the file.</param>
/// <param name="SizeInBytes">The size of its elements in bytes.</param>
public sealed record SafetensorsTensor(string Name, ElementType ElementType, IReadOnlyList<long> Shape, long Offset, long SizeInBytes)
{
    /// <summary>The number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);
}
