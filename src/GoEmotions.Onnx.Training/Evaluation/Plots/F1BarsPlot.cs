using System.Globalization;

namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>F1 of each label as horizontal bars, the best on top, with confidence intervals where there are any.</summary>
internal static class F1BarsPlot
{
    private const int PixelsPerLabel = 22;
    private static readonly double[] Ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

    public static string Draw(EvaluationResult result)
    {
        int[] order = [.. Enumerable.Range(0, result.Labels.Count).OrderByDescending(label => result.PerLabel[label].Counts.F1)];
        var frame = new PlotFrame
        {
            Width = 640,
            Height = 12 + 40 + (order.Length * PixelsPerLabel),
            Left = PlotLabel.Width(result.Labels),
            Right = 104,
            YEnd = order.Length,
        };
        using var drawing = new PlotDrawing(frame);
        drawing.GridX(Ticks, PlotNumber.Short);
        for (int place = 0; place < order.Length; place++)
        {
            int label = order[place];
            LabelMetrics metrics = result.PerLabel[label];
            double middle = order.Length - place - 0.5;
            drawing.Rectangle(0, metrics.Counts.F1, middle - 0.36, middle + 0.36, PlotColor.Model, opacity: 0.75);
            double baseline = frame.PixelY(middle) + 4;
            drawing.Text(frame.Left - 8, baseline, PlotLabel.Shorten(metrics.Name), "end");
            drawing.Text(frame.Width - 56, baseline, PlotNumber.Three(metrics.Counts.F1), "end");
            drawing.Text(frame.Width - 4, baseline, PlotNumber.Count(metrics.Counts.Support), "end");
            if (result.Intervals is BootstrapIntervals intervals)
            {
                DrawInterval(drawing, intervals.PerLabelF1[label], middle);
            }
        }

        drawing.Text(frame.Width - 56, frame.Height - frame.Bottom + 16, "F1", "end");
        drawing.Text(frame.Width - 4, frame.Height - frame.Bottom + 16, "support", "end");
        return drawing.ToSvg("f1", string.Create(CultureInfo.InvariantCulture, $"F1 of each of {order.Length} labels"));
    }

    private static void DrawInterval(PlotDrawing drawing, ConfidenceInterval interval, double middle)
    {
        drawing.Line(interval.Lower, middle, interval.Upper, middle, PlotColor.Ink, width: 1.5f);
        drawing.Line(interval.Lower, middle - 0.16, interval.Lower, middle + 0.16, PlotColor.Ink, width: 1.5f);
        drawing.Line(interval.Upper, middle - 0.16, interval.Upper, middle + 0.16, PlotColor.Ink, width: 1.5f);
    }
}
