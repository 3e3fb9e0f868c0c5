namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>How <see cref="CheckpointDirectory.Load"/> reads. Immutable.</summary>
public sealed record CheckpointLoadOptions
{
    /// <summary>
    /// The labels that the classifier shall have, in the order of its outputs. Where they differ from the checkpoint's, the head is
    /// made anew. Null keeps the checkpoint's.
    /// </summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>The seed of parameters that the checkpoint does not hold.</summary>
    public long Seed { get; init; } = 42;
}
