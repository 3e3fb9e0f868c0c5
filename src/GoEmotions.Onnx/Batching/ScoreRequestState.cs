namespace GoEmotions.Onnx.Batching;

/// <summary>Where a <see cref="ScoreRequest"/> stands.</summary>
internal enum ScoreRequestState
{
    /// <summary>Not in the queue yet.</summary>
    New,

    /// <summary>Cancelled before it came into the queue.</summary>
    Cancelled,

    /// <summary>In the queue.</summary>
    Queued,

    /// <summary>Out of the queue: being scored, or done.</summary>
    Taken,
}
