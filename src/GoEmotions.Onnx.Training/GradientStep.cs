using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Sessions;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// Runs a training graph: from a batch to its loss, with the gradients in the buffers' block of gradients, of one batch or added up
/// over the micro-batches of a step. Not thread-safe; it borrows the buffers.
/// </summary>
internal sealed class GradientStep : IDisposable
{
    /// <summary>Elements of a dropout mask that one task fills.</summary>
    private const int MaskChunk = 1 << 16;

    private readonly TrainingGraph _graph;
    private readonly ParameterBuffers _buffers;
    private readonly BoundGraph _bound;
    private readonly NativeScratch _scratch = new();
    private readonly ParallelOptions _parallel;
    private readonly ulong _seed;
    private readonly Dictionary<string, List<long>> _touchedRows = [];
    private readonly List<Range> _denseRanges = [];

    public GradientStep(TrainingGraph graph, ParameterBuffers buffers, int threads, ulong seed)
    {
        _graph = graph;
        _buffers = buffers;
        _seed = seed;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _bound = new BoundGraph(graph.Model, buffers, threads);
        foreach ((string parameter, string output) in graph.Gradients)
        {
            _bound.BindGradient(output, buffers, buffers[parameter]);
        }

        FindDenseRanges();
    }

    /// <summary>Computes loss and gradients of a batch that is a whole step.</summary>
    /// <inheritdoc cref="Run(TokenBatch, ReadOnlySpan{float}, ulong, MicroBatch)"/>
    public float Run(TokenBatch batch, ReadOnlySpan<float> labels, ulong dropoutStream) => Run(batch, labels, dropoutStream, MicroBatch.Whole);

    /// <summary>
    /// Computes the loss of a batch and adds its gradients, by its weight, to those of the step. After the step's last batch, the
    /// block of gradients holds those of the weighted mean of the losses; before, it holds nothing of use.
    /// </summary>
    /// <param name="batch">The texts.</param>
    /// <param name="labels">The targets, row-major [texts, labels].</param>
    /// <param name="dropoutStream">
    /// What tells the dropout of this run from that of all others; the same number drops the same elements. On a device that draws
    /// dropout itself it has no effect.
    /// </param>
    /// <param name="place">The batch's place in its step.</param>
    /// <returns>The mean loss over the batch's texts and labels.</returns>
    public float Run(TokenBatch batch, ReadOnlySpan<float> labels, ulong dropoutStream, MicroBatch place)
    {
        _scratch.Reset();
        long labelCount = labels.Length / batch.Rows;
        NativePiece<float> targets = _scratch.Take<float>(labels.Length);
        labels.CopyTo(targets.Span);
        _bound.BindInput(TrainingGraph.LabelsName, targets, batch.Rows, labelCount);
        _bound.BindOutput(ClassifierGraph.LogitsName, _scratch.Take<float>(labels.Length), batch.Rows, labelCount);
        return Run(batch, dropoutStream, place);
    }

    /// <summary>Computes loss and gradients of a batch of a graph of <see cref="TrainingGraph.CreateMaskedToken"/>.</summary>
    /// <param name="batch">The texts, some of their tokens hidden.</param>
    /// <param name="positions">Where they are hidden: row x sequence length + place.</param>
    /// <param name="ids">The pieces that stood there.</param>
    /// <param name="dropoutStream">What tells the dropout of this run from that of all others.</param>
    /// <returns>The mean loss over the hidden tokens.</returns>
    public float Run(TokenBatch batch, ReadOnlySpan<long> positions, ReadOnlySpan<long> ids, ulong dropoutStream)
    {
        _scratch.Reset();
        BindIndices(TrainingGraph.MaskedPositionsName, positions);
        BindIndices(TrainingGraph.MaskedIdsName, ids);
        return Run(batch, dropoutStream, MicroBatch.Whole);

        void BindIndices(string name, ReadOnlySpan<long> values)
        {
            NativePiece<long> piece = _scratch.Take<long>(values.Length);
            values.CopyTo(piece.Span);
            _bound.BindInput(name, piece, values.Length);
        }
    }

    public void Dispose()
    {
        _bound.Dispose();
        _scratch.Dispose();
    }

    private float Run(TokenBatch batch, ulong dropoutStream, MicroBatch place)
    {
        var sizes = new ShapeSizes(batch.Rows, batch.SequenceLength);
        _bound.BindTokens(batch);
        BindDropoutMasks(sizes, dropoutStream);
        NativePiece<float> loss = _scratch.Take<float>(1);
        _bound.BindOutput(TrainingGraph.LossName, loss);
        List<(RowGradientOutput Output, NativePiece<float> Rows, NativePiece<long> Indices)> rowGradients = BindRowGradients(sizes);
        if (place.IsFirst)
        {
            ClearTouchedRows();
        }

        _bound.Run();
        foreach ((RowGradientOutput output, NativePiece<float> rows, NativePiece<long> indices) in rowGradients)
        {
            AddRows(output.Table, rows.Span, output.IndicesAreInput ? InputIndices(output.Indices, batch) : indices.Span, place.Weight);
        }

        _buffers.Arithmetic.Accumulate(_denseRanges, place, _parallel);
        return loss.Span[0];
    }

    private void BindDropoutMasks(ShapeSizes sizes, ulong dropoutStream)
    {
        for (int index = 0; index < _graph.DropoutMasks.Count; index++)
        {
            DropoutMaskInput input = _graph.DropoutMasks[index];
            long[] shape = sizes.Resolve(input.Shape);
            NativePiece<float> piece = _scratch.Take<float>(shape.Aggregate(1L, (product, size) => product * size));
            var mask = new DropoutMask(_seed, (dropoutStream * (ulong)_graph.DropoutMasks.Count) + (ulong)index, input.Probability);
            int chunks = (piece.Count + MaskChunk - 1) / MaskChunk;
            if (chunks == 1)
            {
                mask.Fill(piece.Span, 0);
            }
            else
            {
                Parallel.For(0, chunks, _parallel, chunk =>
                {
                    int start = chunk * MaskChunk;
                    mask.Fill(piece.Span.Slice(start, Math.Min(MaskChunk, piece.Count - start)), start);
                });
            }

            _bound.BindInput(input.Name, piece, shape);
        }
    }

    private List<(RowGradientOutput Output, NativePiece<float> Rows, NativePiece<long> Indices)> BindRowGradients(ShapeSizes sizes)
    {
        var bound = new Dictionary<string, NativePiece<float>>();
        var result = new List<(RowGradientOutput, NativePiece<float>, NativePiece<long>)>();
        foreach (RowGradientOutput output in _graph.RowGradients)
        {
            long[] shape = sizes.Resolve(output.Shape);
            long count = shape.Aggregate(1L, (product, size) => product * size);
            ref NativePiece<float> rows = ref CollectionsMarshal.GetValueRefOrAddDefault(bound, output.Rows, out bool isBound);
            if (!isBound)
            {
                rows = _scratch.Take<float>(count);
                _bound.BindOutput(output.Rows, rows, shape);
            }

            NativePiece<long> indices = default;
            if (!output.IndicesAreInput)
            {
                indices = _scratch.Take<long>(count / shape[^1]);
                _bound.BindOutput(output.Indices, indices, shape[..^1]);
            }

            result.Add((output, rows, indices));
        }

        return result;
    }

    // A table's gradient has the rows of the last batch in it, unless the graph writes a dense part over it: only those are cleared.
    private void ClearTouchedRows()
    {
        foreach ((string table, List<long> rows) in _touchedRows)
        {
            foreach (long row in rows)
            {
                Row(table, row).Clear();
            }

            rows.Clear();
        }
    }

    // What the graph writes at each run, and what so must be added up aside over the batches of a step; rows are added in place.
    private void FindDenseRanges()
    {
        foreach (ParameterSlot slot in _buffers.Slots.Where(slot => _graph.Gradients.ContainsKey(slot.Spec.Name)))
        {
            bool follows = _denseRanges.Count > 0 && slot.Start - _denseRanges[^1].End.Value < NativeBlock.AlignmentInBytes / sizeof(float);
            int start = follows ? _denseRanges[^1].Start.Value : slot.Start;
            if (follows)
            {
                _denseRanges.RemoveAt(_denseRanges.Count - 1);
            }

            _denseRanges.Add(start..(slot.Start + slot.Length));
        }
    }

    private void AddRows(string table, ReadOnlySpan<float> rows, ReadOnlySpan<long> indices, float weight)
    {
        if (_graph.Gradients.ContainsKey(table))
        {
            // Added to what the graph wrote, with which it is weighted.
            weight = 1;
        }
        else
        {
            ref List<long>? touched = ref CollectionsMarshal.GetValueRefOrAddDefault(_touchedRows, table, out _);
            (touched ??= []).AddRange(indices);
        }

        int width = rows.Length / indices.Length;
        for (int index = 0; index < indices.Length; index++)
        {
            Span<float> target = Row(table, indices[index]);
            ReadOnlySpan<float> row = rows.Slice(index * width, width);
            if (weight == 1)
            {
                TensorPrimitives.Add(target, row, target);
            }
            else
            {
                TensorPrimitives.MultiplyAdd(row, weight, target, target);
            }
        }
    }

    private Span<float> Row(string table, long row)
    {
        ParameterSlot slot = _buffers[table];
        int width = (int)slot.Spec.Shape[^1];
        return _buffers.Gradients.Slice(slot.Start + ((int)row * width), width);
    }

    private static ReadOnlySpan<long> InputIndices(string input, TokenBatch batch) => input switch
    {
        ClassifierGraph.InputIdsName => batch.InputIds,
        ClassifierGraph.TokenTypeIdsName => batch.TokenTypeIds,
        _ => throw new InvalidOperationException($"the rows of a table are taken by the input '{input}', expected {ClassifierGraph.InputIdsName} or {ClassifierGraph.TokenTypeIdsName}."),
    };
}
