namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>Label names as plots have room for; tables write them in full.</summary>
internal static class PlotLabel
{
    private const int LongestLabel = 20;

    // The mean advance of the page's font at 12 px is near 6.2 px; capitals are wider.
    private const double PixelsPerCharacter = 6.8;

    public static string Shorten(string name)
    {
        if (name.Length <= LongestLabel)
        {
            return name;
        }

        int end = LongestLabel - 1;
        return string.Concat(name.AsSpan(0, char.IsHighSurrogate(name[end - 1]) ? end - 1 : end), "…");
    }

    /// <summary>The width in pixels to keep for the longest of some names.</summary>
    public static int Width(IEnumerable<string> names) => (int)Math.Ceiling(names.Max(name => Shorten(name).Length) * PixelsPerCharacter) + 10;
}
