namespace GoEmotions.Onnx.Training.Data;

/// <summary>Why <see cref="DatasetCleaner"/> drops a row: the keys of <see cref="DataReport.Dropped"/>.</summary>
public static class DropReasons
{
    /// <summary>A cell of the row is missing.</summary>
    public const string MissingCell = "missing_cell";

    /// <summary>The text is white space only.</summary>
    public const string BlankText = "blank_text";

    /// <summary>A rater marked the text as too unclear to label, and <see cref="CleaningOptions.DropUnclear"/> is set.</summary>
    public const string Unclear = "unclear";

    /// <summary>The row has no label, and <see cref="CleaningOptions.DropUnlabeled"/> is set.</summary>
    public const string Unlabeled = "unlabeled";

    /// <summary>No label of the comment was chosen by two raters (<see cref="RaterPolicy.Majority"/>).</summary>
    public const string NoAgreedLabel = "no_agreed_label";
}
