using GoEmotions.Onnx.Graphs.Protobuf;
using Google.Protobuf;

namespace GoEmotions.Onnx.Graphs;

/// <summary>The typed value of a node's attribute; made by implicit conversion from the value itself.</summary>
public readonly struct AttributeValue
{
    private readonly AttributeProto? _proto;

    private AttributeValue(AttributeProto proto) => _proto = proto;

    /// <summary>An attribute of type INT.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(long value) =>
        new(new AttributeProto { I = value, Type = AttributeProto.Types.AttributeType.Int });

    /// <summary>An attribute of type INT that holds 0 or 1.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(bool value) => value ? 1L : 0L;

    /// <summary>An attribute of type INT that holds an element type.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(ElementType value) => (long)value;

    /// <summary>An attribute of type FLOAT.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(float value) =>
        new(new AttributeProto { F = value, Type = AttributeProto.Types.AttributeType.Float });

    /// <summary>An attribute of type STRING (UTF-8).</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(string value) =>
        new(new AttributeProto { S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String });

    /// <summary>An attribute of type INTS.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator AttributeValue(long[] values) =>
        new(new AttributeProto { Ints = { values }, Type = AttributeProto.Types.AttributeType.Ints });

    /// <summary>An attribute of type FLOATS.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator AttributeValue(float[] values) =>
        new(new AttributeProto { Floats = { values }, Type = AttributeProto.Types.AttributeType.Floats });

    /// <summary>An attribute of type TENSOR.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(TensorProto value) =>
        new(new AttributeProto { T = value, Type = AttributeProto.Types.AttributeType.Tensor });

    internal AttributeProto ToProto(string name)
    {
        if (_proto is null)
        {
            Throw.Argument($"attribute '{name}' has no value, expected one converted from a number, text, array or tensor.", nameof(name));
        }

        AttributeProto proto = _proto.Clone();
        proto.Name = name;
        return proto;
    }
}
