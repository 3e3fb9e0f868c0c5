namespace GoEmotions.Onnx.Training.Data;

/// <summary>A text and the labels that hold for it. Immutable and thread-safe.</summary>
public sealed record EmotionExample
{
    /// <summary>The text, as it stands in its file.</summary>
    public required string Text { get; init; }

    /// <summary>The labels that hold, as indices into the label set of the reader or data set.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The id of the comment, or <see langword="null"/> where its file has none. The rows of several raters share one.</summary>
    public string? Id { get; init; }

    /// <summary>Whether a rater marked the text as too unclear to label (<c>example_very_unclear</c>).</summary>
    public bool IsUnclear { get; init; }

    /// <summary>The file that the example comes from.</summary>
    public required string Source { get; init; }

    /// <summary>The line of <see cref="Source"/> where the example starts, from 1.</summary>
    public required int LineNumber { get; init; }
}
