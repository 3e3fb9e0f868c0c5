using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Sessions;
using GoEmotions.Onnx.Training.Devices;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// The parameters of a model, their gradients and both AdamW moments: four flat blocks of float on the device that trains, in which
/// every parameter is a view. What the optimizer treats alike lies together, so that a step is a few long loops. Owns the blocks;
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

    private readonly DeviceBlock[] _blocks;
    private readonly Dictionary<string, ParameterSlot> _slots;

    /// <summary>Lays out the blocks. All elements are 0.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="trains">Which of them are trained.</param>
    /// <param name="device">Where the blocks lie; <see langword="null"/> for the host's memory.</param>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> or <paramref name="trains"/> is null.</exception>
    /// <exception cref="ArgumentException">The parameters have more than 2^31 elements together; 2^29 on a device.</exception>
    /// <exception cref="InvalidOperationException">The device, or a library that it needs, is not there.</exception>
    /// <exception cref="OutOfMemoryException">The memory cannot be had.</exception>
    public ParameterBuffers(IReadOnlyList<ParameterSpec> parameters, Func<ParameterSpec, bool> trains, TrainingDevice? device = null)
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
        Device = (device ?? TrainingDevice.Cpu).Open();
        _blocks = new DeviceBlock[Enum.GetValues<ParameterBlock>().Length];
        try
        {
            for (int index = 0; index < _blocks.Length; index++)
            {
                _blocks[index] = Device.Allocate(index == (int)ParameterBlock.Weights ? TotalLength : TrainedLength);
            }

            Arithmetic = Device.CreateArithmetic(this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The parameters, in the order of the blocks.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>The runs of trained parameters that the optimizer treats alike, in order, without gaps.</summary>
    public IReadOnlyList<ParameterSegment> Segments { get; }

    /// <summary>The number of elements of the block of parameters, alignment included.</summary>
    public int TotalLength { get; }

    /// <summary>The number of elements of the blocks of gradients and moments, alignment included.</summary>
    public int TrainedLength { get; }

    /// <summary>Whether the blocks lie in the host's memory, so that they have spans; otherwise <see cref="CopyTo"/> and <see cref="CopyFrom"/> reach them.</summary>
    public bool IsInHostMemory => _blocks[0] is HostBlock;

    /// <summary>The parameters; valid until disposed.</summary>
    /// <exception cref="InvalidOperationException">They do not lie in the host's memory.</exception>
    public Span<float> Weights => this[ParameterBlock.Weights].Span;

    /// <summary>The gradients of the trained parameters; valid until disposed.</summary>
    /// <exception cref="InvalidOperationException">They do not lie in the host's memory.</exception>
    public Span<float> Gradients => this[ParameterBlock.Gradients].Span;

    /// <summary>AdamW's first moments; valid until disposed.</summary>
    /// <exception cref="InvalidOperationException">They do not lie in the host's memory.</exception>
    public Span<float> FirstMoments => this[ParameterBlock.FirstMoments].Span;

    /// <summary>AdamW's second moments; valid until disposed.</summary>
    /// <exception cref="InvalidOperationException">They do not lie in the host's memory.</exception>
    public Span<float> SecondMoments => this[ParameterBlock.SecondMoments].Span;

    internal ComputeDevice Device { get; }

    internal BlockArithmetic Arithmetic { get; }

    /// <summary>The place of a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The place.</returns>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public ParameterSlot this[string name] => _slots[name];

    internal DeviceBlock this[ParameterBlock block] => _blocks[(int)block];

    /// <summary>Copies elements of a block to the host, wherever the block lies.</summary>
    /// <param name="block">The block.</param>
    /// <param name="start">The index of the first element.</param>
    /// <param name="destination">The destination; as many elements are copied as it has.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block has fewer elements.</exception>
    public void CopyTo(ParameterBlock block, int start, Span<float> destination) => this[block].CopyTo(start, destination);

    /// <summary>Copies elements from the host into a block, wherever the block lies.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="block">The block.</param>
    /// <param name="start">The index of the first element that is overwritten.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block has fewer elements.</exception>
    public void CopyFrom(ReadOnlySpan<float> source, ParameterBlock block, int start) => this[block].CopyFrom(source, start);

    /// <summary>Copies parameters into the block.</summary>
    /// <param name="parameters">All parameters of the model, each of its shape.</param>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="KeyNotFoundException">A parameter is missing.</exception>
    public void Load(ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (ParameterSlot slot in Slots)
        {
            CopyFrom(parameters[slot.Spec.Name].Values.Span, ParameterBlock.Weights, slot.Start);
        }
    }

    /// <summary>Copies the parameters out of the block.</summary>
    /// <returns>The parameters, in the order in which the model names them.</returns>
    public ParameterSet ToParameterSet(IReadOnlyList<ParameterSpec> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return new ParameterSet(order.Select(spec => new Parameter(spec.Name, spec.Shape, Elements(_slots[spec.Name]))));

        float[] Elements(ParameterSlot slot)
        {
            var elements = new float[slot.Length];
            CopyTo(ParameterBlock.Weights, slot.Start, elements);
            return elements;
        }
    }

    /// <summary>Frees the blocks.</summary>
    public void Dispose()
    {
        // After a constructor that failed there may be less.
        Arithmetic?.Dispose();
        foreach (DeviceBlock? block in _blocks)
        {
            block?.Dispose();
        }

        Device.Dispose();
    }

    /// <summary>A parameter's place in a block as a tensor of its shape. The caller disposes it, before the buffers.</summary>
    internal OrtValue View(ParameterBlock block, ParameterSlot slot) => this[block].View(slot.Start, [.. slot.Spec.Shape]);
}
