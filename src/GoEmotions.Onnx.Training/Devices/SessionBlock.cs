using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GoEmotions.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>A block in the memory of an execution provider. Copies go through a graph that does nothing but hand on its input.</summary>
internal sealed class SessionBlock : DeviceBlock
{
    /// <summary>The most elements copied at once: 16 MB.</summary>
    public const int StagingLength = 1 << 22;

    /// <summary>The most elements of a block: ONNX Runtime's C# interface tells the address of a tensor by a span of its bytes.</summary>
    public const int MaxLength = int.MaxValue / sizeof(float);

    private readonly SessionDevice _device;
    private readonly InferenceSession _copySession;
    private readonly NativeBlock _staging;
    private readonly OrtValue _memory;
    private readonly nint _address;

    public SessionBlock(SessionDevice device, OrtAllocator allocator, InferenceSession copySession, NativeBlock staging, int length)
        : base(length)
    {
        if (length > MaxLength)
        {
            Throw.Argument($"the parameters have {length} elements together, expected at most {MaxLength} on a device. Use a smaller encoder or vocabulary, or train on the processor.", nameof(length));
        }

        _device = device;
        _copySession = copySession;
        _staging = staging;
        _memory = OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, [Math.Max(length, 1)]);
        _address = AddressOf(_memory.GetTensorMutableRawData());
        Clear();
    }

    public override Span<float> Span => throw new InvalidOperationException("the parameters lie in the memory of a device, which has no span. Use ParameterBuffers.CopyTo and CopyFrom.");

    public override OrtValue View(int start, long[] shape) => HostTensor.View(_device.Memory, TensorElementType.Float, _address + ((nint)start * sizeof(float)), shape);

    public override void CopyTo(int start, Span<float> destination)
    {
        RequireInside(start, destination.Length);
        for (int offset = 0; offset < destination.Length; offset += StagingLength)
        {
            Span<float> part = destination[offset..Math.Min(destination.Length, offset + StagingLength)];
            using OrtValue host = Staged(part.Length);
            using OrtValue device = View(start + offset, [part.Length]);
            Copy(device, host);
            _staging.Span<float>(0, part.Length).CopyTo(part);
        }
    }

    public override void CopyFrom(ReadOnlySpan<float> source, int start)
    {
        RequireInside(start, source.Length);
        for (int offset = 0; offset < source.Length; offset += StagingLength)
        {
            ReadOnlySpan<float> part = source[offset..Math.Min(source.Length, offset + StagingLength)];
            part.CopyTo(_staging.Span<float>(0, part.Length));
            using OrtValue host = Staged(part.Length);
            using OrtValue device = View(start + offset, [part.Length]);
            Copy(host, device);
        }
    }

    public override void Dispose() => _memory.Dispose();

    private static unsafe nint AddressOf(Span<byte> memory) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));

    private void Clear()
    {
        _staging.Span<float>(0, Math.Min(Length, StagingLength)).Clear();
        for (int start = 0; start < Length; start += StagingLength)
        {
            int count = Math.Min(StagingLength, Length - start);
            using OrtValue host = Staged(count);
            using OrtValue device = View(start, [count]);
            Copy(host, device);
        }
    }

    private OrtValue Staged(int count) => HostTensor.View(TensorElementType.Float, _staging.Pointer, [count]);

    private void Copy(OrtValue from, OrtValue to)
    {
        using OrtIoBinding binding = _copySession.CreateIoBinding();
        using var runOptions = new RunOptions();
        binding.BindInput(BlockGraphs.Source, from);
        binding.BindOutput(BlockGraphs.Target, to);
        _copySession.RunWithBinding(runOptions, binding);
    }
}
