using GoEmotions.Onnx.Graphs.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>What runs graphs and holds the flat blocks. Owned by the <see cref="ParameterBuffers"/> that lie on it; not thread-safe.</summary>
internal abstract class ComputeDevice : IDisposable
{
    /// <summary>Opens a session that runs on the device.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="threads">The threads of what runs on the processor.</param>
    public abstract InferenceSession OpenSession(ModelProto model, int threads);

    /// <summary>A block of float, all 0, that the caller disposes before the device.</summary>
    public abstract DeviceBlock Allocate(int length);

    /// <summary>What computes over whole blocks; the caller disposes it.</summary>
    public abstract BlockArithmetic CreateArithmetic(ParameterBuffers buffers);

    public abstract void Dispose();
}
