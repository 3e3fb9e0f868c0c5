namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>One curve of a <see cref="CurvePlot"/>.</summary>
/// <param name="Color">Its colour.</param>
/// <param name="Xs">The optimizer steps, in order.</param>
/// <param name="Ys">The values.</param>
internal sealed record CurveSeries(PlotColor Color, double[] Xs, double[] Ys)
{
    /// <summary>More points than this do not show at the width of a plot, but fill the page.</summary>
    private const int MostPoints = 400;

    /// <summary>Few enough points to draw: neighbours are put together as their means.</summary>
    public CurveSeries Thinned()
    {
        if (Xs.Length <= MostPoints)
        {
            return this;
        }

        int size = (Xs.Length + MostPoints - 1) / MostPoints;
        return this with { Xs = [.. Xs.Chunk(size).Select(chunk => chunk.Average())], Ys = [.. Ys.Chunk(size).Select(chunk => chunk.Average())] };
    }
}
