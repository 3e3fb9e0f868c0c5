using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>
/// The blocks that a checkpoint holds: parameters and moments, borrowed, and the best parameters so far, in one native block that is
/// allocated once, so that a new best costs no memory. Owns that block; not thread-safe.
/// </summary>
internal sealed class TrainingBlocks(ParameterBuffers buffers) : IDisposable
{
    // The parameters themselves have their own names, so that other tools read them as a model's; the moments' are PyTorch's.
    private const string WeightsPrefix = "";
    private const string FirstMomentsPrefix = "exp_avg.";
    private const string SecondMomentsPrefix = "exp_avg_sq.";
    private const string BestPrefix = "best.";

    /// <summary>The most elements that are read at once.</summary>
    public const int ChunkLength = 1 << 18;

    private float[]? _staging;
    private readonly NativeBlock _best = new((long)buffers.TotalLength * sizeof(float));

    private Span<float> Best => _best.Span<float>(0, buffers.TotalLength);

    /// <summary>The tensors of a checkpoint, in order.</summary>
    /// <param name="hasBest">Whether there are best parameters yet.</param>
    public IEnumerable<(string Prefix, ParameterSlot Slot)> Tensors(bool hasBest)
    {
        ParameterSlot[] trained = [.. buffers.Slots.Where(slot => slot.IsTrained)];
        return buffers.Slots.Select(slot => (WeightsPrefix, slot))
            .Concat(trained.Select(slot => (FirstMomentsPrefix, slot)))
            .Concat(trained.Select(slot => (SecondMomentsPrefix, slot)))
            .Concat(hasBest ? buffers.Slots.Select(slot => (BestPrefix, slot)) : []);
    }

    /// <summary>Elements of a tensor: a view where they lie in the host's memory, else a copy; valid until the next call.</summary>
    /// <param name="prefix">The tensor's prefix.</param>
    /// <param name="slot">The tensor's parameter.</param>
    /// <param name="offset">The first element.</param>
    /// <param name="count">The number of elements, at most <see cref="ChunkLength"/>.</param>
    public ReadOnlySpan<float> Read(string prefix, ParameterSlot slot, int offset, int count)
    {
        if (prefix == BestPrefix)
        {
            return Best.Slice(slot.Start + offset, count);
        }

        ParameterBlock block = BlockOf(prefix);
        if (buffers.IsInHostMemory)
        {
            return buffers[block].Span.Slice(slot.Start + offset, count);
        }

        Span<float> copy = (_staging ??= new float[ChunkLength]).AsSpan(0, count);
        buffers.CopyTo(block, slot.Start + offset, copy);
        return copy;
    }

    /// <summary>Writes all elements of a tensor.</summary>
    /// <param name="prefix">The tensor's prefix.</param>
    /// <param name="slot">The tensor's parameter.</param>
    /// <param name="elements">Its elements.</param>
    public void Write(string prefix, ParameterSlot slot, ReadOnlySpan<float> elements)
    {
        if (prefix == BestPrefix)
        {
            elements.CopyTo(Best[slot.Start..]);
        }
        else
        {
            buffers.CopyFrom(elements, BlockOf(prefix), slot.Start);
        }
    }

    /// <summary>Makes the parameters as they stand the best.</summary>
    public void KeepBest() => buffers.CopyTo(ParameterBlock.Weights, 0, Best);

    /// <summary>Copies the best parameters out of their block.</summary>
    /// <param name="order">The parameters, in the order in which the model names them.</param>
    public ParameterSet BestParameters(IReadOnlyList<ParameterSpec> order) =>
        new(order.Select(spec => new Parameter(spec.Name, spec.Shape, Best.Slice(buffers[spec.Name].Start, buffers[spec.Name].Length).ToArray())));

    public void Dispose() => _best.Dispose();

    private static ParameterBlock BlockOf(string prefix) => prefix switch
    {
        FirstMomentsPrefix => ParameterBlock.FirstMoments,
        SecondMomentsPrefix => ParameterBlock.SecondMoments,
        _ => ParameterBlock.Weights,
    };
}
