using System.Globalization;

namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>Numbers as plots and tables write them, the same in every culture.</summary>
internal static class PlotNumber
{
    /// <summary>As few digits as tell a tick from its neighbours.</summary>
    public static string Short(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    public static string Three(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    public static string Percent(double value) => value.ToString("0.##%", CultureInfo.InvariantCulture);

    /// <summary>A count with a thin space between groups of three digits.</summary>
    public static string Count(long value) => value.ToString("N0", GroupedBySpace);

    private static NumberFormatInfo GroupedBySpace { get; } = new() { NumberGroupSeparator = "\u2009" };
}
