using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>A session over one form of the graph.</summary>
internal sealed class GraphSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string[] _inputs;
    private readonly bool _packed;

    public GraphSession(string name, ModelProto model, int threads)
    {
        Name = name;
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model.ToByteArray(), options);
        _inputs = [.. _session.InputMetadata.Keys];
        _packed = _inputs.Contains(ServingGraph.PadIndexName);
    }

    public string Name { get; }

    public void Run(GraphBatch batch)
    {
        OrtValue[] values = Array.ConvertAll(_inputs, input => batch[input, _packed]);
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_runOptions, _inputs, values, _session.OutputNames);
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }
}
