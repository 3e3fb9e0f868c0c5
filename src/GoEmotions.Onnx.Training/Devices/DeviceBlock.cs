using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>A flat block of float in a device's memory. Disposed by whoever allocated it, before the device; not thread-safe.</summary>
internal abstract class DeviceBlock(int length) : IDisposable
{
    /// <summary>The number of elements.</summary>
    public int Length { get; } = length;

    /// <summary>The elements where they lie in the host's memory; valid until disposed.</summary>
    /// <exception cref="InvalidOperationException">They lie elsewhere.</exception>
    public abstract Span<float> Span { get; }

    /// <summary>A view of elements as a tensor. The caller disposes it, before the block.</summary>
    public abstract OrtValue View(int start, long[] shape);

    /// <summary>Copies elements to the host.</summary>
    public abstract void CopyTo(int start, Span<float> destination);

    /// <summary>Copies elements from the host.</summary>
    public abstract void CopyFrom(ReadOnlySpan<float> source, int start);

    public abstract void Dispose();

    protected void RequireInside(int start, int count)
    {
        if (start < 0 || count > Length - start)
        {
            throw new ArgumentOutOfRangeException(nameof(start), start, $"{count} elements from {start} on are asked for, expected a part of the block of {Length}.");
        }
    }
}
