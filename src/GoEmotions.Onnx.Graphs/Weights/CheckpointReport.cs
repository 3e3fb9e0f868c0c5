namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>What became of the tensors of a checkpoint when it was read. Immutable.</summary>
public sealed record CheckpointReport
{
    /// <summary>The files that tensors were read from; empty for a fresh checkpoint.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The parameters that the files do not hold and that were made anew from <see cref="Seed"/>: the head, or the pooler.</summary>
    public IReadOnlyList<string> InitializedParameters { get; init; } = [];

    /// <summary>The tensors of the files that this model has no use for, such as <c>cls.predictions.bias</c>.</summary>
    public IReadOnlyList<string> UnusedTensors { get; init; } = [];

    /// <summary>The seed of the parameters that were made anew.</summary>
    public long Seed { get; init; }

    /// <summary>The report in sentences, one a line: nothing to say gives no line.</summary>
    /// <returns>The lines.</returns>
    public IReadOnlyList<string> Describe()
    {
        var lines = new List<string>();
        if (InitializedParameters.Count > 0)
        {
            lines.Add($"{InitializedParameters.Count} parameters were made anew from seed {Seed} and need training: {Names(InitializedParameters)}.");
        }

        if (UnusedTensors.Count > 0)
        {
            lines.Add($"{UnusedTensors.Count} tensors of the checkpoint have no place in the classifier: {Names(UnusedTensors)}.");
        }

        return lines;
    }

    private static string Names(IReadOnlyList<string> names)
    {
        const int Shown = 8;
        return string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
    }
}
