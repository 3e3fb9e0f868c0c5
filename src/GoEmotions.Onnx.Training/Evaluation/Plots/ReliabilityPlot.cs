namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>How often labels hold that were given a probability: on the diagonal, as often as promised.</summary>
internal static class ReliabilityPlot
{
    private static readonly double[] Ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

    public static string Draw(Calibration calibration)
    {
        using var drawing = new PlotDrawing(new PlotFrame { Width = 460, Height = 360 });
        drawing.GridX(Ticks, PlotNumber.Short);
        drawing.GridY(Ticks, PlotNumber.Short);
        CalibrationBin[] filled = [.. calibration.Bins.Where(bin => bin.Count > 0)];
        foreach (CalibrationBin bin in filled)
        {
            drawing.Rectangle(bin.Start, bin.End, 0, bin.TrueFraction, PlotColor.Model, opacity: 0.3);
        }

        drawing.Line(0, 0, 1, 1, PlotColor.Truth, width: 1.5f);
        drawing.Curve([.. filled.Select(bin => bin.MeanScore)], [.. filled.Select(bin => bin.TrueFraction)], PlotColor.Model);
        foreach (CalibrationBin bin in filled)
        {
            drawing.Dot(bin.MeanScore, bin.TrueFraction, PlotColor.Model);
        }

        drawing.Titles("mean predicted probability", "share that is true");
        return drawing.ToSvg("reliability", "Reliability diagram of all labels pooled");
    }
}
