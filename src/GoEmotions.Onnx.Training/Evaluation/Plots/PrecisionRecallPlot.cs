namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>A precision-recall curve with the point at which the thresholds stand.</summary>
internal static class PrecisionRecallPlot
{
    private static readonly double[] LargeTicks = [0, 0.2, 0.4, 0.6, 0.8, 1];
    private static readonly double[] SmallTicks = [0, 0.5, 1];

    public static string Large(RankedScores ranked, PrecisionRecallF1 chosen)
    {
        using var drawing = new PlotDrawing(new PlotFrame { Width = 460, Height = 360 });
        Draw(drawing, ranked, chosen, LargeTicks);
        drawing.Titles("recall", "precision");
        return drawing.ToSvg("pr-all", "Precision-recall curve of all labels pooled");
    }

    public static string Small(RankedScores ranked, PrecisionRecallF1 chosen, int label, string name)
    {
        using var drawing = new PlotDrawing(new PlotFrame { Width = 180, Height = 130, Left = 28, Right = 8, Top = 8, Bottom = 22 });
        Draw(drawing, ranked, chosen, SmallTicks);
        return drawing.ToSvg($"pr-{label}", $"Precision-recall curve of {name}");
    }

    private static void Draw(PlotDrawing drawing, RankedScores ranked, PrecisionRecallF1 chosen, double[] ticks)
    {
        drawing.GridX(ticks, PlotNumber.Short);
        drawing.GridY(ticks, PlotNumber.Short);
        if (ranked.Positives == 0)
        {
            drawing.Note("nothing is true");
            return;
        }

        double prevalence = (double)ranked.Positives / ranked.Count;
        drawing.Line(0, prevalence, 1, prevalence, PlotColor.Truth);
        (double[] recall, double[] precision) = PrecisionRecallCurve.Points(ranked);
        drawing.Curve(recall, precision, PlotColor.Model);
        drawing.Dot(chosen.Recall, chosen.Precision, PlotColor.Mark);
    }
}
