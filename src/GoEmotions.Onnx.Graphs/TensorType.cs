using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs;

/// <summary>The type of a value in a graph: element type and, where the rank is known, shape.</summary>
/// <param name="ElementType">The element type; <see cref="ElementType.Undefined"/> when it is not known or the value is no tensor.</param>
/// <param name="Shape">The shape, or null when not even the rank is known.</param>
public sealed record TensorType(ElementType ElementType, SymbolicShape? Shape)
{
    internal static TensorType Unknown { get; } = new(ElementType.Undefined, null);

    /// <summary>The text of the type.</summary>
    /// <returns>For example <c>float[batch, 28]</c>.</returns>
    public override string ToString() => ElementType.OnnxName() + (Shape?.ToString() ?? "[...]");

    internal static TensorType FromProto(TypeProto? type) =>
        type?.ValueCase == TypeProto.ValueOneofCase.TensorType
            ? new((ElementType)type.TensorType.ElemType, type.TensorType.Shape is { } shape ? SymbolicShape.FromProto(shape) : null)
            : Unknown;

    internal TypeProto ToProto() => new()
    {
        TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType, Shape = Shape?.ToProto() },
    };
}
