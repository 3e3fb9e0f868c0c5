namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>Order statistics of measured times.</summary>
internal static class Quantiles
{
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The least value that so large a part of all is not above.</summary>
    public static double Quantile(this IEnumerable<double> values, double part)
    {
        double[] sorted = [.. values.Order()];
        return sorted[int.Clamp((int)Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
