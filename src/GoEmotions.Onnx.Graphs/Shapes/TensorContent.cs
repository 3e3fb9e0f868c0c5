using System.Buffers.Binary;
using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Type, shape and, for a small integer tensor, the elements of a <see cref="TensorProto"/>.</summary>
internal static class TensorContent
{
    public static InferredValue Describe(TensorProto tensor)
    {
        var type = (ElementType)tensor.DataType;
        if (tensor.Dims.Any(dim => dim < 0))
        {
            return new InferredValue(new TensorType(type, null));
        }

        SymbolicShape shape = SymbolicShape.Constant([.. tensor.Dims]);
        return new InferredValue(new TensorType(type, shape), shape.Rank <= 1 && Integers(tensor) is { } values ? Array.ConvertAll(values, Dimension.Element) : null);
    }

    /// <summary>The elements of a small int32 or int64 tensor; null for another one, or where they are stored outside or incomplete.</summary>
    public static long[]? Integers(TensorProto tensor)
    {
        var type = (ElementType)tensor.DataType;
        if (type is not (ElementType.Int64 or ElementType.Int32) || tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return null;
        }

        long count = 1;
        foreach (long dim in tensor.Dims)
        {
            if (dim is < 0 or > ShapeContext.MaxElements || (count *= dim) > ShapeContext.MaxElements)
            {
                return null;
            }
        }

        int size = type == ElementType.Int64 ? sizeof(long) : sizeof(int);
        if (tensor.HasRawData)
        {
            ReadOnlySpan<byte> bytes = tensor.RawData.Span;
            if (bytes.Length != count * size)
            {
                return null;
            }

            var values = new long[count];
            for (int i = 0; i < values.Length; i++)
            {
                ReadOnlySpan<byte> element = bytes.Slice(i * size, size);
                values[i] = size == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(element) : BinaryPrimitives.ReadInt32LittleEndian(element);
            }

            return values;
        }

        long[] typed = type == ElementType.Int64 ? [.. tensor.Int64Data] : [.. tensor.Int32Data.Select(value => (long)value)];
        return typed.Length == count ? typed : null;
    }
}
