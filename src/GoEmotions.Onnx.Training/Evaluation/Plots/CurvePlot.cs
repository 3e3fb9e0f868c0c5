namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>Values over the optimizer steps of a training.</summary>
internal static class CurvePlot
{
    private const int MostDots = 40;

    /// <summary>Draws some curves in one plot.</summary>
    /// <param name="id">Distinct within the page.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    /// <param name="title">The name of the values.</param>
    /// <param name="least">The least value that the axis shows at any rate.</param>
    /// <param name="series">The curves; those without a point are left out.</param>
    public static string Draw(string id, string description, string title, double? least, params IReadOnlyList<CurveSeries> series)
    {
        CurveSeries[] drawn = [.. series.Where(curve => curve.Xs.Length > 0).Select(curve => curve.Thinned())];
        double[] values = [.. drawn.SelectMany(curve => curve.Ys)];
        double lowest = values.Length > 0 ? values.Min() : 0;
        AxisTicks y = AxisTicks.Around(Math.Min(lowest, least ?? lowest), values.Length > 0 ? values.Max() : 1);
        AxisTicks x = AxisTicks.Around(0, drawn.Length > 0 ? drawn.Max(curve => curve.Xs[^1]) : 1);
        using var drawing = new PlotDrawing(new PlotFrame { Width = 460, Height = 300, Left = 64, Right = 22, XEnd = x.End, YStart = y.Start, YEnd = y.End });
        drawing.GridX(x.Values, x.Format);
        drawing.GridY(y.Values, y.Format);
        foreach (CurveSeries curve in drawn)
        {
            drawing.Curve(curve.Xs, curve.Ys, curve.Color);
            for (int index = 0; curve.Xs.Length <= MostDots && index < curve.Xs.Length; index++)
            {
                drawing.Dot(curve.Xs[index], curve.Ys[index], curve.Color, size: 5);
            }
        }

        if (drawn.Length == 0)
        {
            drawing.Note("nothing was recorded");
        }

        drawing.Titles("step", title);
        return drawing.ToSvg(id, description);
    }
}
