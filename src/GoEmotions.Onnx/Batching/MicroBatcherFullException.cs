namespace GoEmotions.Onnx.Batching;

/// <summary>A request was refused because too many wait already. Try later, or shed load.</summary>
public sealed class MicroBatcherFullException : InvalidOperationException
{
    internal MicroBatcherFullException(int queuedTokens, int maxQueueTokens)
        : base($"the queue holds {queuedTokens} tokens, expected room for one more text below the limit of {maxQueueTokens} (MaxQueueTokens). Send requests more slowly, or raise the limit.")
    {
        QueuedTokens = queuedTokens;
        MaxQueueTokens = maxQueueTokens;
    }

    /// <summary>The tokens that waited when the request was refused.</summary>
    public int QueuedTokens { get; }

    /// <summary>The limit, in tokens.</summary>
    public int MaxQueueTokens { get; }
}
