namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>int8 codes of a matrix with one scale per column (or row) and zero point 0: value = code x scale.</summary>
internal static class SymmetricQuantization
{
    /// <summary>Encodes a matrix by columns.</summary>
    /// <param name="values">Row-major [rows, columns].</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="limit">The largest code.</param>
    public static (sbyte[] Codes, float[] Scales) ByColumn(ReadOnlySpan<float> values, int columns, int limit)
    {
        var largest = new float[columns];
        for (int index = 0; index < values.Length; index++)
        {
            largest[index % columns] = Math.Max(largest[index % columns], Math.Abs(values[index]));
        }

        float[] scales = Array.ConvertAll(largest, value => ScaleOf(value, limit));
        var codes = new sbyte[values.Length];
        for (int index = 0; index < codes.Length; index++)
        {
            codes[index] = Code(values[index], scales[index % columns], limit);
        }

        return (codes, scales);
    }

    /// <summary>Encodes a matrix by rows.</summary>
    /// <param name="values">Row-major [rows, columns].</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="limit">The largest code.</param>
    public static (sbyte[] Codes, float[] Scales) ByRow(ReadOnlySpan<float> values, int columns, int limit)
    {
        var codes = new sbyte[values.Length];
        var scales = new float[values.Length / columns];
        for (int row = 0; row < scales.Length; row++)
        {
            ReadOnlySpan<float> from = values.Slice(row * columns, columns);
            float largest = 0;
            foreach (float value in from)
            {
                largest = Math.Max(largest, Math.Abs(value));
            }

            scales[row] = ScaleOf(largest, limit);
            for (int column = 0; column < columns; column++)
            {
                codes[(row * columns) + column] = Code(from[column], scales[row], limit);
            }
        }

        return (codes, scales);
    }

    private static float ScaleOf(float largest, int limit) => largest > 0 ? largest / limit : 1;

    private static sbyte Code(float value, float scale, int limit) => (sbyte)Math.Clamp(MathF.Round(value / scale), -limit, limit);
}
