namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary>The course of a training, as <c>metrics.jsonl</c> holds it.</summary>
public sealed record TrainingHistory
{
    /// <summary>The training steps, a few to a point, in order.</summary>
    public IReadOnlyList<TrainingPoint> Steps { get; init; } = [];

    /// <summary>The evaluations, in order.</summary>
    public IReadOnlyList<EvaluationPoint> Evaluations { get; init; } = [];

    /// <summary>Reads a <c>metrics.jsonl</c>.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The course so far; a last line that is not finished is left out.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A line is none that a training wrote.</exception>
    public static TrainingHistory Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var steps = new List<TrainingPoint>();
        var evaluations = new List<EvaluationPoint>();
        foreach (string line in MetricsFile.ReadLines(path))
        {
            switch (MetricsLine.Parse(line, path, steps.Count + evaluations.Count + 1))
            {
                case TrainingPoint point:
                    steps.Add(point);
                    break;
                case EvaluationPoint point:
                    evaluations.Add(point);
                    break;
            }
        }

        return new TrainingHistory { Steps = steps, Evaluations = evaluations };
    }
}
