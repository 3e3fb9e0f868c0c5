namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary>The course of a training.</summary>
public sealed record TrainingHistory
{
    /// <summary>The training steps, a few to a point, in order.</summary>
    public IReadOnlyList<TrainingPoint> Steps { get; init; } = [];

    /// <summary>The evaluations, in order.</summary>
    public IReadOnlyList<EvaluationRecord> Evaluations { get; init; } = [];

    /// <summary>Reads the training steps of a <c>metrics.jsonl</c>.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The points so far; a last line that is not finished is left out.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A line is none that a training wrote.</exception>
    public static IReadOnlyList<TrainingPoint> LoadSteps(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return [.. MetricsFile.ReadLines(path).Select((line, index) => MetricsLine.Parse(line, path, index + 1).Point).OfType<TrainingPoint>()];
    }
}
