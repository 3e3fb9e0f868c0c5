namespace GoEmotions.Onnx.DependencyInjection;

/// <summary>Which model a service loads, and how it runs. Set when services are registered, by code or by configuration; checked when the service starts.</summary>
public sealed class EmotionClassifierServiceOptions
{
    /// <summary>
    /// The model directory, relative to the current directory; <see langword="null"/> (the default) takes the default model, which the
    /// package GoEmotions.Onnx.DefaultModel puts beside the program.
    /// </summary>
    public string? ModelDirectory { get; set; }

    /// <summary>How the classifier runs. A service of many callers sets <see cref="EmotionClassifierOptions.IntraOpThreads"/> to 1.</summary>
    public EmotionClassifierOptions Classifier { get; set; } = new();

    /// <summary>
    /// Whether the model is loaded when the host starts (the default): a model that cannot run keeps the service from starting, and
    /// the first request is as fast as the others. If not, it is loaded when it is first asked for.
    /// </summary>
    public bool LoadAtStart { get; set; } = true;

    internal string ResolveModelDirectory() => ModelDirectory ?? Models.ModelDirectory.FindDefault();
}
