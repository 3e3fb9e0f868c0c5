namespace GoEmotions.Onnx.Training.Data;

/// <summary>Which rows <see cref="DatasetCleaner"/> drops or merges; the defaults keep what the notebook keeps.</summary>
public sealed record CleaningOptions
{
    /// <summary>Whether rows marked as too unclear to label are dropped. The notebook keeps them.</summary>
    public bool DropUnclear { get; init; }

    /// <summary>Whether rows without any label are dropped. The notebook keeps them: all labels are 0 there.</summary>
    public bool DropUnlabeled { get; init; }

    /// <summary>What becomes of several rows about one comment.</summary>
    public RaterPolicy Raters { get; init; } = RaterPolicy.Keep;
}
