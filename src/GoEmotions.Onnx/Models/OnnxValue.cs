namespace GoEmotions.Onnx.Models;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Its element type.</param>
/// <param name="Dimensions">Its sizes, -1 for those that the graph leaves open.</param>
internal sealed record OnnxValue(string Name, OnnxElementType ElementType, IReadOnlyList<long> Dimensions);
