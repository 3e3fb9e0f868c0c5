namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>Label names as plots have room for; tables write them in full.</summary>
internal static class PlotLabel
{
    private const int LongestLabel = 22;

    // The mean advance of the page's font at 12 px is near 6.2 px; capitals are wider.
    private const double PixelsPerCharacter = 6.8;

    /// <summary>Cuts out the middle of a long name: names made by the same rule often differ at their ends only.</summary>
    public static string Shorten(string name)
    {
        if (name.Length <= LongestLabel)
        {
            return name;
        }

        int headEnd = (LongestLabel - 1) / 2;
        int tailStart = name.Length - (LongestLabel - 1 - headEnd);
        headEnd -= char.IsHighSurrogate(name[headEnd - 1]) ? 1 : 0;
        tailStart += char.IsLowSurrogate(name[tailStart]) ? 1 : 0;
        return string.Concat(name.AsSpan(0, headEnd), "…", name.AsSpan(tailStart));
    }

    /// <summary>The width in pixels to keep for the longest of some names.</summary>
    public static int Width(IEnumerable<string> names) => (int)Math.Ceiling(names.Max(name => Shorten(name).Length) * PixelsPerCharacter) + 10;
}
