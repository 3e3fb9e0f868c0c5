using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Sessions;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>The processor: blocks in the host's memory, and plain loops over them.</summary>
internal sealed class HostDevice : ComputeDevice
{
    public override InferenceSession OpenSession(ModelProto model, int threads)
    {
        using SessionOptions options = CreateOptions(threads);
        return new InferenceSession(model.ToByteArray(), options);
    }

    public override DeviceBlock Allocate(int length) => new HostBlock(length);

    public override BlockArithmetic CreateArithmetic(ParameterBuffers buffers) => new HostArithmetic(buffers);

    public override void Dispose()
    {
    }

    internal static SessionOptions CreateOptions(int threads)
    {
        RuntimeTelemetry.Disable();
        return new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,

            // Batches come in many shapes: a memory pattern per shape cost a prototype 1.2 GB against 0.76 GB, and no time.
            EnableMemoryPattern = false,
        };
    }
}
