using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>One text through a graph and nothing else: its ids are in place before, its logits are not looked at.</summary>
internal sealed class BareRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly OrtIoBinding? _binding;
    private readonly string[] _names;
    private readonly OrtValue[] _inputs;
    private readonly OrtValue _logits;

    /// <param name="model">The plain or the packed serving graph.</param>
    /// <param name="texts">The tokenizer.</param>
    /// <param name="text">The text.</param>
    /// <param name="binds">Whether inputs and outputs are bound beforehand, instead of given to <c>Run</c> as values.</param>
    /// <param name="threads">The threads of a run.</param>
    public BareRun(byte[] model, BenchmarkTexts texts, string text, bool binds, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, EnableMemoryPattern = false, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model, options);
        var buffer = new int[BenchmarkTexts.MaxLength];
        long[] ids = [.. buffer.Take(texts.Tokenizer.Encode(text, buffer, out _)).Select(id => (long)id)];
        long[] places = [.. Enumerable.Range(0, ids.Length).Select(place => (long)place)];
        bool packed = _session.InputMetadata.ContainsKey(ServingGraph.PadIndexName);
        long[] oneText = [1, ids.Length];
        _names = [.. _session.InputMetadata.Keys];
        _inputs = Array.ConvertAll(_names, name => name switch
        {
            ServingGraph.InputIdsName => OrtValue.CreateTensorValueFromMemory(ids, packed ? [ids.Length] : oneText),
            ClassifierGraph.AttentionMaskName => OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, ids.Length).ToArray(), oneText),
            ClassifierGraph.TokenTypeIdsName => OrtValue.CreateTensorValueFromMemory(new long[ids.Length], oneText),
            ServingGraph.LengthsName => OrtValue.CreateTensorValueFromMemory(new long[] { ids.Length }, [1]),
            ServingGraph.PadIndexName => OrtValue.CreateTensorValueFromMemory(places, oneText),
            _ => OrtValue.CreateTensorValueFromMemory(places, [ids.Length]),
        });
        _logits = OrtValue.CreateTensorValueFromMemory(new float[EmotionLabels.GoEmotions.Count], [1, EmotionLabels.GoEmotions.Count]);
        if (binds)
        {
            _binding = _session.CreateIoBinding();
            for (int input = 0; input < _names.Length; input++)
            {
                _binding.BindInput(_names[input], _inputs[input]);
            }

            _binding.BindOutput(_session.OutputNames[0], _logits);
        }
    }

    public void Run()
    {
        if (_binding is not null)
        {
            _session.RunWithBinding(_runOptions, _binding);
            return;
        }

        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_runOptions, _names, _inputs, _session.OutputNames);
    }

    public void Dispose()
    {
        _binding?.Dispose();
        Array.ForEach(_inputs, input => input.Dispose());
        _logits.Dispose();
        _runOptions.Dispose();
        _session.Dispose();
    }
}
