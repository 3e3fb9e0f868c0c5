namespace GoEmotions.Onnx.Training.Data;

/// <summary>What was read from one file.</summary>
public sealed record SourceReport
{
    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>The layout that was recognised.</summary>
    public required DatasetFormat Format { get; init; }

    /// <summary>The number of rows.</summary>
    public required int Read { get; init; }

    /// <summary>Where the label set comes from, in words.</summary>
    public required string LabelsFrom { get; init; }

    /// <summary>The columns or properties that were not used.</summary>
    public required IReadOnlyList<string> IgnoredColumns { get; init; }
}
