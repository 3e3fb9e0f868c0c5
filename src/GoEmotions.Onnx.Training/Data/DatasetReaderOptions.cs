namespace GoEmotions.Onnx.Training.Data;

/// <summary>How a <see cref="DatasetReader"/> understands a file.</summary>
public sealed record DatasetReaderOptions
{
    /// <summary>The column of the texts in a table, and the property of the texts in JSON lines (a table's header is compared without case).</summary>
    public string TextColumn { get; init; } = "text";

    /// <summary>
    /// The columns of a table that are labels, or <see langword="null"/> to find them: a column is a label when it bears a GoEmotions label's
    /// name or its cells are all 0 or 1, and it is no known metadata column.
    /// </summary>
    public IReadOnlyList<string>? LabelColumns { get; init; }

    /// <summary>Columns of a table that are no labels, whatever they hold.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; init; } = [];

    /// <summary>
    /// The labels that the file must have, such as those of a model, in the order wanted; <see langword="null"/> to take the file's own:
    /// a table's columns, or the <c>labels.txt</c> beside the file, or GoEmotions' 28 where there is none.
    /// </summary>
    public EmotionLabels? Labels { get; init; }
}
