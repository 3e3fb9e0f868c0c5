namespace GoEmotions.Onnx.Training.Data;

/// <summary>The rows dropped for one reason.</summary>
public sealed record DroppedRows
{
    /// <summary>The number of places kept in <see cref="Lines"/>.</summary>
    public const int MaxLines = 100;

    /// <summary>How many rows were dropped.</summary>
    public required int Count { get; init; }

    /// <summary>Where the first <see cref="MaxLines"/> of them stand, as <c>file:line</c>.</summary>
    public required IReadOnlyList<string> Lines { get; init; }
}
