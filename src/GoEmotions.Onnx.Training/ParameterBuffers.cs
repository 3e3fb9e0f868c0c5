using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// The parameters of a model, their gradients and both AdamW moments: four flat native blocks of float, in which every
/// parameter is a view. What the optimizer treats alike lies together, so that a step is a few long loops. Owns the blocks;
/// not thread-safe.
/// </summary>
/// <remarks>
/// Order: trained parameters that take weight decay (the encoder's, then the head's), trained ones that do not, frozen ones.
/// Gradients and moments end where the frozen ones begin. Each parameter begins at a multiple of 16 elements (64 bytes); the gaps
/// are 0 in all blocks and stay so.
/// </remarks>
public sealed class ParameterBuffers : IDisposable
{
    private const int Alignment = NativeBlock.AlignmentInBytes / sizeof(float);

    private readonly NativeBlock[] _blocks;
    private readonly Dictionary<string, ParameterSlot> _slots;

    /// <summary>Lays out the blocks. All elements are 0.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="trains">Which of them are trained.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The parameters have more than 2^31 elements together.</exception>
    /// <exception cref="OutOfMemoryException">The memory cannot be had.</exception>
    public ParameterBuffers(IReadOnlyList<ParameterSpec> parameters, Func<ParameterSpec, bool> trains)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(trains);
        var slots = new List<ParameterSlot>();
        var segments = new List<ParameterSegment>();
        long end = 0;
        foreach (IGrouping<(bool IsFrozen, bool NoDecay, bool IsHead), ParameterSpec> group in parameters
            .GroupBy(spec => (IsFrozen: !trains(spec), NoDecay: !spec.TakesWeightDecay, IsHead: spec.Role == ParameterRole.Head))
            .OrderBy(group => group.Key))
        {
            long start = end;
            foreach (ParameterSpec spec in group)
            {
                if (end + spec.ElementCount > int.MaxValue - Alignment)
                {
                    Throw.Argument($"the parameters have more than {int.MaxValue} elements together, expected fewer. Use a smaller encoder or vocabulary.", nameof(parameters));
                }

                slots.Add(new ParameterSlot(spec, (int)end, (int)spec.ElementCount, !group.Key.IsFrozen));
                end += (spec.ElementCount + Alignment - 1) / Alignment * Alignment;
            }

            if (!group.Key.IsFrozen)
            {
                segments.Add(new ParameterSegment((int)start, (int)(end - start), !group.Key.NoDecay, group.Key.IsHead));
            }
        }

        Slots = slots;
        Segments = segments;
        TotalLength = (int)end;
        TrainedLength = segments.Sum(segment => segment.Length);
        _slots = slots.ToDictionary(slot => slot.Spec.Name);
        _blocks = Allocate(TotalLength, TrainedLength, TrainedLength, TrainedLength);
    }

    /// <summary>The parameters, in the order of the blocks.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>The runs of trained parameters that the optimizer treats alike, in order, without gaps.</summary>
    public IReadOnlyList<ParameterSegment> Segments { get; }

    /// <summary>The number of elements of the block of parameters, alignment included.</summary>
    public int TotalLength { get; }

    /// <summary>The number of elements of the blocks of gradients and moments, alignment included.</summary>
    public int TrainedLength { get; }

    /// <summary>The parameters; valid until disposed.</summary>
    public Span<float> Weights => _blocks[0].Span<float>(0, TotalLength);

    /// <summary>The gradients of the trained parameters; valid until disposed.</summary>
    public Span<float> Gradients => _blocks[1].Span<float>(0, TrainedLength);

    /// <summary>AdamW's first moments; valid until disposed.</summary>
    public Span<float> FirstMoments => _blocks[2].Span<float>(0, TrainedLength);

    /// <summary>AdamW's second moments; valid until disposed.</summary>
    public Span<float> SecondMoments => _blocks[3].Span<float>(0, TrainedLength);

    internal nint WeightsAddress => _blocks[0].Pointer;

    internal nint GradientsAddress => _blocks[1].Pointer;

    /// <summary>The place of a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The place.</returns>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public ParameterSlot this[string name] => _slots[name];

    /// <summary>Copies parameters into the block.</summary>
    /// <param name="parameters">All parameters of the model, each of its shape.</param>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="KeyNotFoundException">A parameter is missing.</exception>
    public void Load(ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (ParameterSlot slot in Slots)
        {
            parameters[slot.Spec.Name].Values.Span.CopyTo(Weights.Slice(slot.Start, slot.Length));
        }
    }

    /// <summary>Copies the parameters out of the block.</summary>
    /// <returns>The parameters, in the order in which the model names them.</returns>
    public ParameterSet ToParameterSet(IReadOnlyList<ParameterSpec> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return new ParameterSet(order.Select(spec => new Parameter(spec.Name, spec.Shape, Weights.Slice(_slots[spec.Name].Start, _slots[spec.Name].Length).ToArray())));
    }

    /// <summary>Frees the blocks.</summary>
    public void Dispose()
    {
        foreach (NativeBlock block in _blocks)
        {
            block.Dispose();
        }
    }

    private static NativeBlock[] Allocate(params ReadOnlySpan<int> lengths)
    {
        var blocks = new NativeBlock[lengths.Length];
        try
        {
            for (int index = 0; index < blocks.Length; index++)
            {
                blocks[index] = new NativeBlock((long)lengths[index] * sizeof(float));
            }
        }
        catch
        {
            foreach (NativeBlock? block in blocks)
            {
                block?.Dispose();
            }

            throw;
        }

        return blocks;
    }
}
