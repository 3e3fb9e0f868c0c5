namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>How the probabilities of true labels and of the others are spread, each as shares of its own kind, on a logarithmic axis.</summary>
internal static class ScoreHistogramPlot
{
    private const double LowestExponent = -4;
    private static readonly double[] XTicks = [0, 0.2, 0.4, 0.6, 0.8, 1];
    private static readonly double[] YTicks = [-4, -3, -2, -1, 0];

    public static string Draw(Calibration calibration)
    {
        using var drawing = new PlotDrawing(new PlotFrame { Width = 460, Height = 360, Left = 58, YStart = LowestExponent, YEnd = 0 });
        drawing.GridX(XTicks, PlotNumber.Short);
        drawing.GridY(YTicks, exponent => PlotNumber.Percent(Math.Pow(10, exponent)));
        double[] positives = [.. calibration.Bins.Select(bin => bin.Count * bin.TrueFraction)];
        double[] negatives = [.. calibration.Bins.Select((bin, index) => bin.Count - positives[index])];
        for (int index = 0; index < positives.Length; index++)
        {
            CalibrationBin bin = calibration.Bins[index];
            double gap = (bin.End - bin.Start) * 0.08;
            double middle = (bin.Start + bin.End) / 2;
            Bar(drawing, bin.Start + gap, middle, negatives[index] / negatives.Sum(), PlotColor.Truth);
            Bar(drawing, middle, bin.End - gap, positives[index] / positives.Sum(), PlotColor.Model);
        }

        drawing.Titles("probability", "share of its kind");
        return drawing.ToSvg("scores", "Histogram of probabilities of true labels and of the others");
    }

    private static void Bar(PlotDrawing drawing, double left, double right, double share, PlotColor color)
    {
        double exponent = Math.Log10(share);
        if (exponent > LowestExponent)
        {
            drawing.Rectangle(left, right, LowestExponent, exponent, color, opacity: 0.8);
        }
    }
}
