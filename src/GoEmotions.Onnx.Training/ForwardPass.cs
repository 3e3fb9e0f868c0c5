using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Batching;

namespace GoEmotions.Onnx.Training;

/// <summary>Scores a data set with the parameters as they stand in the blocks, without dropout. Not thread-safe.</summary>
internal sealed class ForwardPass : IDisposable
{
    private readonly BoundGraph _bound;
    private readonly NativeScratch _scratch = new();
    private readonly int _maxBatchTokens;

    public ForwardPass(EncoderConfig config, ParameterBuffers buffers, int threads, int maxBatchTokens)
    {
        ClassifierGraph graph = ClassifierGraph.Create(config, null, new ClassifierGraphOptions { ParametersAsInputs = true, LastLayerOnFirstToken = true });
        _bound = new BoundGraph(graph.ToModel(), buffers, threads);
        _maxBatchTokens = maxBatchTokens;
    }

    /// <summary>The logits of all examples, row-major [examples, labels], in the order of the data set.</summary>
    public float[] Score(EncodedDataset dataset, CancellationToken cancellationToken)
    {
        int labelCount = dataset.Labels.Count;
        var logits = new float[dataset.Count * labelCount];
        int[] order = [.. Enumerable.Range(0, dataset.Count).OrderBy(example => dataset.Lengths[example])];
        using var batch = new TokenBatch(_maxBatchTokens, grows: true);
        var targets = new float[_maxBatchTokens / 2 * labelCount];
        for (int start = 0; start < order.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int end = start + 1;
            while (end < order.Length && (end - start + 1) * dataset.Lengths[order[end]] <= _maxBatchTokens)
            {
                end++;
            }

            ReadOnlySpan<int> examples = order.AsSpan(start..end);
            dataset.Fill(batch, examples, targets);
            _scratch.Reset();
            NativePiece<float> scored = _scratch.Take<float>(examples.Length * labelCount);
            _bound.BindTokens(batch);
            _bound.BindOutput(ClassifierGraph.LogitsName, scored, examples.Length, labelCount);
            _bound.Run();
            for (int row = 0; row < examples.Length; row++)
            {
                scored.Span.Slice(row * labelCount, labelCount).CopyTo(logits.AsSpan(examples[row] * labelCount));
            }

            start = end;
        }

        return logits;
    }

    public void Dispose()
    {
        _bound.Dispose();
        _scratch.Dispose();
    }
}
