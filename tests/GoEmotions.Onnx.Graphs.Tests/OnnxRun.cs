using GoEmotions.Onnx.Graphs.Protobuf;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests;

/// <summary>Runs models in the real ONNX Runtime.</summary>
internal static class OnnxRun
{
    /// <summary>Runs a model once; the results are in the order of <paramref name="outputs"/> (all outputs where none is named).</summary>
    public static OrtResult[] Run(ModelProto model, IReadOnlyDictionary<string, OrtValue> inputs, params string[] outputs)
    {
        using var session = new InferenceSession(model.ToByteArray(), Options());
        return Run(session, inputs, outputs);
    }

    public static OrtResult[] Run(InferenceSession session, IReadOnlyDictionary<string, OrtValue> inputs, params string[] outputs)
    {
        using var runOptions = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, inputs, outputs.Length > 0 ? outputs : [.. session.OutputNames]);
        return [.. results.Select(OrtResult.Copy)];
    }

    public static SessionOptions Options(GraphOptimizationLevel level = GraphOptimizationLevel.ORT_ENABLE_ALL) => new()
    {
        IntraOpNumThreads = 1,
        GraphOptimizationLevel = level,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };

    public static OrtValue Tensor<T>(T[] data, params long[] shape)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(data, shape);
}
