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

    /// <summary>The elements of a tensor; valid until disposed.</summary>
    public Span<float> Elements(string prefix, ParameterSlot slot)
    {
        Span<float> block = prefix switch
        {
            FirstMomentsPrefix => buffers.FirstMoments,
            SecondMomentsPrefix => buffers.SecondMoments,
            BestPrefix => Best,
            _ => buffers.Weights,
        };
        return block.Slice(slot.Start, slot.Length);
    }

    /// <summary>Makes the parameters as they stand the best.</summary>
    public void KeepBest() => buffers.Weights.CopyTo(Best);

    /// <summary>Copies the best parameters out of their block.</summary>
    /// <param name="order">The parameters, in the order in which the model names them.</param>
    public ParameterSet BestParameters(IReadOnlyList<ParameterSpec> order) =>
        new(order.Select(spec => new Parameter(spec.Name, spec.Shape, Elements(BestPrefix, buffers[spec.Name]).ToArray())));

    public void Dispose() => _best.Dispose();
}
