namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>The size of a plot, its margins for text, and the range of its axes. Lengths are in pixels of the unscaled drawing.</summary>
internal sealed record PlotFrame
{
    public required int Width { get; init; }

    public required int Height { get; init; }

    public int Left { get; init; } = 44;

    public int Right { get; init; } = 12;

    public int Top { get; init; } = 12;

    public int Bottom { get; init; } = 40;

    public double XEnd { get; init; } = 1;

    public double YStart { get; init; }

    public double YEnd { get; init; } = 1;

    public int DataWidth => Width - Left - Right;

    public int DataHeight => Height - Top - Bottom;

    public double PixelX(double x) => Left + (x / XEnd * DataWidth);

    public double PixelY(double y) => Top + ((YEnd - y) / (YEnd - YStart) * DataHeight);
}
