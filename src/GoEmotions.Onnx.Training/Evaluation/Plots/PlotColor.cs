namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>The colours of plots, by what they mean; the style sheet of the page says what they look like, in light and dark.</summary>
internal enum PlotColor
{
    /// <summary>Text and axes.</summary>
    Ink,

    /// <summary>Lines of the grid and of reference.</summary>
    Grid,

    /// <summary>What the model does.</summary>
    Model,

    /// <summary>What is true.</summary>
    Truth,

    /// <summary>The chosen threshold and other marks.</summary>
    Mark,
}
