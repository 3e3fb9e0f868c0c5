namespace GoEmotions.Onnx.Graphs;

/// <summary>What is known of each <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>The size of one element in bits.</summary>
    /// <param name="type">The element type.</param>
    /// <returns>The size in bits; 0 for text and for a type that is not known.</returns>
    public static int SizeInBits(this ElementType type) => type switch
    {
        ElementType.Complex128 => 128,
        ElementType.Int64 or ElementType.UInt64 or ElementType.Float64 or ElementType.Complex64 => 64,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 32,
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 or ElementType.BFloat16 => 16,
        ElementType.Int8 or ElementType.UInt8 or ElementType.Bool => 8,
        >= ElementType.Float8E4M3FN and <= ElementType.Float8E5M2FNUZ or ElementType.Float8E8M0 => 8,
        ElementType.Int4 or ElementType.UInt4 or ElementType.Float4E2M1 => 4,
        ElementType.Int2 or ElementType.UInt2 => 2,
        _ => 0,
    };

    /// <summary>Whether the type is a float of 16, 32 or 64 bits, which the arithmetic operators accept.</summary>
    /// <param name="type">The element type.</param>
    /// <returns><see langword="true"/> for float16, bfloat16, float and double.</returns>
    public static bool IsFloat(this ElementType type) =>
        type is ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>The name that ONNX Runtime and the standard use in <c>tensor(...)</c>.</summary>
    /// <param name="type">The element type.</param>
    /// <returns>For example <c>float</c>, <c>int64</c>, <c>bool</c>.</returns>
    public static string OnnxName(this ElementType type) => type switch
    {
        ElementType.Undefined => "undefined",
        ElementType.Float32 => "float",
        ElementType.Float64 => "double",
        _ => Enum.IsDefined(type) ? type.ToString().ToLowerInvariant() : $"type {(int)type}",
    };

    internal static ElementType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? ElementType.Float32
        : typeof(T) == typeof(long) ? ElementType.Int64
        : typeof(T) == typeof(int) ? ElementType.Int32
        : typeof(T) == typeof(bool) ? ElementType.Bool
        : typeof(T) == typeof(double) ? ElementType.Float64
        : typeof(T) == typeof(byte) ? ElementType.UInt8
        : typeof(T) == typeof(sbyte) ? ElementType.Int8
        : typeof(T) == typeof(Half) ? ElementType.Float16
        : throw new ArgumentException($"{typeof(T)} is no element type of a tensor, expected float, double, Half, long, int, byte, sbyte or bool.");
}
