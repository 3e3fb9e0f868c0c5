using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Batching;

/// <summary>What one call needs while it runs; pooled by the classifier, used by one thread at a time.</summary>
internal sealed class BatchWorkspace(int maxBatchTokens) : IDisposable
{
    public TokenBatch Batch { get; } = new(maxBatchTokens);

    public LengthSortedTexts Texts { get; } = new();

    public void Dispose() => Batch.Dispose();
}
