using GoEmotions.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>A block in the host's memory, aligned to 64 bytes.</summary>
internal sealed class HostBlock(int length) : DeviceBlock(length)
{
    private readonly NativeBlock _memory = new((long)length * sizeof(float));

    public override Span<float> Span => _memory.Span<float>(0, Length);

    public override OrtValue View(int start, long[] shape) => HostTensor.View(TensorElementType.Float, _memory.Pointer + ((nint)start * sizeof(float)), shape);

    public override void CopyTo(int start, Span<float> destination) => Span.Slice(start, destination.Length).CopyTo(destination);

    public override void CopyFrom(ReadOnlySpan<float> source, int start) => source.CopyTo(Span[start..]);

    public override void Dispose() => _memory.Dispose();
}
