using System.Globalization;

namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>Round numbers along an axis: 1, 2 or 5 times a power of ten apart.</summary>
internal sealed record AxisTicks
{
    private const double MostIntervals = 6;
    private static readonly double[] RoundFactors = [1, 2, 5, 10];

    private AxisTicks(double start, double end, double step)
    {
        Start = start;
        End = end;
        Step = step;
    }

    /// <summary>The first tick, at or below the least value.</summary>
    public double Start { get; }

    /// <summary>The last tick, at or above the greatest value.</summary>
    public double End { get; }

    private double Step { get; }

    /// <summary>All ticks.</summary>
    public IEnumerable<double> Values => Enumerable.Range(0, (int)Math.Round((End - Start) / Step) + 1).Select(index => Start + (index * Step));

    /// <summary>Ticks that hold some values between them.</summary>
    /// <param name="least">The least value.</param>
    /// <param name="greatest">The greatest value, not below <paramref name="least"/>.</param>
    public static AxisTicks Around(double least, double greatest)
    {
        double range = greatest > least ? greatest - least : Math.Max(Math.Abs(greatest), 1e-12);
        double power = Math.Pow(10, Math.Floor(Math.Log10(range / MostIntervals)));
        double step = RoundFactors.Select(factor => factor * power).First(candidate => range / candidate <= MostIntervals);
        double start = Math.Floor(least / step) * step;
        double end = Math.Ceiling(greatest / step) * step;
        return new AxisTicks(start, end > start ? end : start + step, step);
    }

    /// <summary>A tick as text: whole numbers grouped, small ones in scientific notation.</summary>
    public string Format(double value)
    {
        if (Math.Abs(value) < Step / 2)
        {
            return "0";
        }

        if (Step < 1e-3)
        {
            return value.ToString("0.##e-0", CultureInfo.InvariantCulture);
        }

        return Step >= 1 ? PlotNumber.Count((long)Math.Round(value)) : value.ToString("0.###", CultureInfo.InvariantCulture);
    }
}
