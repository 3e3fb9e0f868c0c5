using GoEmotions.Onnx.Sessions;
using GoEmotions.Onnx.Training.Optimization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>Small graphs over blocks that lie on a device, bound in place once.</summary>
internal sealed class GraphArithmetic : BlockArithmetic
{
    /// <summary>Elements whose squares the device adds, a divisor of every chunk's length; the host adds the sums in float64, so that no long sum is of single precision.</summary>
    private const int NormRow = 1 << 12;

    private readonly SessionDevice _device;
    private readonly ParameterBuffers _buffers;
    private readonly List<IDisposable> _owned = [];
    private readonly RunOptions _runOptions = new();
    private readonly NativeBlock _host;
    private readonly int _squareSumCount;
    private readonly InferenceSession _norm;
    private readonly InferenceSession _adamW;
    private readonly List<OrtIoBinding> _normBindings = [];
    private readonly Dictionary<ParameterSegment, List<OrtIoBinding>> _stepBindings = [];
    private Accumulation? _accumulation;

    public GraphArithmetic(SessionDevice device, ParameterBuffers buffers)
    {
        _device = device;
        _buffers = buffers;
        _squareSumCount = Rows(buffers.TrainedLength);
        _host = Own(new NativeBlock(((long)_squareSumCount + ConstantsRoom) * sizeof(float)));
        try
        {
            _norm = Own(device.OpenSession(BlockGraphs.SumOfSquares(), threads: 1));
            _adamW = Own(device.OpenSession(BlockGraphs.AdamW(), threads: 1));
            BindNorm();
            foreach (ParameterSegment segment in buffers.Segments)
            {
                _stepBindings.Add(segment, [.. Chunks(segment.Start, segment.Length).Select(BindStep)]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static int ConstantsRoom => NativeBlock.AlignmentInBytes / sizeof(float);

    private Span<float> Constants => _host.Span<float>(0, ConstantsRoom);

    public override double GradientNorm(ParallelOptions parallel)
    {
        foreach (OrtIoBinding binding in _normBindings)
        {
            _norm.RunWithBinding(_runOptions, binding);
        }

        double sum = 0;
        foreach (float part in _host.Span<float>(NativeBlock.AlignmentInBytes, _squareSumCount))
        {
            sum += part;
        }

        return Math.Sqrt(sum);
    }

    public override void Step(ParameterSegment segment, AdamW step, ParallelOptions parallel)
    {
        step.Constants(Constants);
        foreach (OrtIoBinding binding in _stepBindings[segment])
        {
            Run(_adamW, binding, AdamW.ConstantCount);
        }
    }

    public override void Accumulate(IReadOnlyList<Range> ranges, MicroBatch place, ParallelOptions parallel)
    {
        if (place.IsWhole)
        {
            return;
        }

        _accumulation ??= new Accumulation(this, ranges);
        Constants[0] = place.IsFirst ? 0 : 1;
        Constants[1] = place.Weight;
        foreach (OrtIoBinding binding in place.IsLast ? _accumulation.IntoGradients : _accumulation.IntoSum)
        {
            Run(_accumulation.Session, binding, 2);
        }
    }

    public override void Dispose()
    {
        // Bindings before the sessions and memory that they use.
        for (int index = _owned.Count - 1; index >= 0; index--)
        {
            _owned[index].Dispose();
        }

        _owned.Clear();
        _runOptions.Dispose();
    }

    private static int Rows(int length) => (length + NormRow - 1) / NormRow;

    private IEnumerable<(int Start, int Length)> Chunks(int start, int length)
    {
        for (int offset = 0; offset < length; offset += _device.ChunkLength)
        {
            yield return (start + offset, Math.Min(_device.ChunkLength, length - offset));
        }
    }

    private void BindNorm()
    {
        int whole = _buffers.TrainedLength / NormRow * NormRow;
        foreach ((int start, int length) in Chunks(0, whole))
        {
            Bind(start, length / NormRow, NormRow);
        }

        if (whole < _buffers.TrainedLength)
        {
            Bind(whole, 1, _buffers.TrainedLength - whole);
        }

        void Bind(int start, int rows, int columns)
        {
            OrtIoBinding binding = Own(_norm.CreateIoBinding());
            binding.BindInput(BlockGraphs.Gradients, Own(_buffers[ParameterBlock.Gradients].View(start, [rows, columns])));
            nint sums = _host.Pointer + NativeBlock.AlignmentInBytes + ((nint)(start / NormRow) * sizeof(float));
            binding.BindOutput(BlockGraphs.SquareSums, Own(HostTensor.View(TensorElementType.Float, sums, [rows])));
            _normBindings.Add(binding);
        }
    }

    private OrtIoBinding BindStep((int Start, int Length) chunk)
    {
        OrtIoBinding binding = Own(_adamW.CreateIoBinding());
        binding.BindInput(BlockGraphs.Gradients, Own(_buffers[ParameterBlock.Gradients].View(chunk.Start, [chunk.Length])));
        InPlace(BlockGraphs.Parameters, ParameterBlock.Weights);
        InPlace(BlockGraphs.FirstMoments, ParameterBlock.FirstMoments);
        InPlace(BlockGraphs.SecondMoments, ParameterBlock.SecondMoments);
        return binding;

        void InPlace(string name, ParameterBlock block)
        {
            OrtValue view = Own(_buffers[block].View(chunk.Start, [chunk.Length]));
            binding.BindInput(name, view);
            binding.BindOutput(BlockGraphs.NewPrefix + name, view);
        }
    }

    // The constants are copied to the device when they are bound, so they are bound anew for each run.
    private void Run(InferenceSession session, OrtIoBinding binding, int constantCount)
    {
        using OrtValue constants = HostTensor.View(TensorElementType.Float, _host.Pointer, [constantCount]);
        binding.BindInput(BlockGraphs.Constants, constants);
        session.RunWithBinding(_runOptions, binding);
    }

    private T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    /// <summary>The block that gradients are added up in, made when a step of several micro-batches first asks for it.</summary>
    private sealed class Accumulation
    {
        public Accumulation(GraphArithmetic owner, IReadOnlyList<Range> ranges)
        {
            Session = owner.Own(owner._device.OpenSession(BlockGraphs.Accumulate(), threads: 1));
            DeviceBlock sum = owner.Own(owner._device.Allocate(owner._buffers.TrainedLength));
            DeviceBlock gradients = owner._buffers[ParameterBlock.Gradients];
            foreach ((int start, int length) in ranges.Select(range => range.GetOffsetAndLength(sum.Length)).SelectMany(range => owner.Chunks(range.Offset, range.Length)))
            {
                IntoSum.Add(Bind(sum));
                IntoGradients.Add(Bind(gradients));

                OrtIoBinding Bind(DeviceBlock target)
                {
                    OrtIoBinding binding = owner.Own(Session.CreateIoBinding());
                    binding.BindInput(BlockGraphs.Sum, owner.Own(sum.View(start, [length])));
                    binding.BindInput(BlockGraphs.Gradients, owner.Own(gradients.View(start, [length])));
                    binding.BindOutput(BlockGraphs.NewPrefix + BlockGraphs.Sum, owner.Own(target.View(start, [length])));
                    return binding;
                }
            }
        }

        public InferenceSession Session { get; }

        public List<OrtIoBinding> IntoSum { get; } = [];

        public List<OrtIoBinding> IntoGradients { get; } = [];
    }
}
