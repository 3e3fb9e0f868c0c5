namespace GoEmotions.Onnx;

/// <summary>Where thresholds were tuned. It holds no date, so that the same tuning gives the same file.</summary>
public sealed record ThresholdTuning
{
    /// <summary>The name of the split that was searched, as <c>dev</c>.</summary>
    public required string Split { get; init; }

    /// <summary>The number of rows of that split.</summary>
    public required int Rows { get; init; }

    /// <summary>How the thresholds were chosen, in words for a person.</summary>
    public required string Method { get; init; }
}
