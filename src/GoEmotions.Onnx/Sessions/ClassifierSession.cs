using GoEmotions.Onnx.Tokenization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Sessions;

/// <summary>
/// An ONNX Runtime session over a classification graph: token ids in, logits out. Thread-safe: concurrent runs each
/// bring their own <see cref="TokenBatch"/> and destination.
/// </summary>
internal sealed class ClassifierSession : IDisposable
{
    private const string InputIds = "input_ids";
    private const string AttentionMask = "attention_mask";
    private const string TokenTypeIds = "token_type_ids";

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;

    private ClassifierSession(InferenceSession session, string source)
    {
        _session = session;
        _inputNames = [.. session.InputMetadata.Keys];
        foreach ((string name, NodeMetadata input) in session.InputMetadata)
        {
            if (name is not (InputIds or AttentionMask or TokenTypeIds))
            {
                Throw.InvalidData($"{source}: input '{name}' is unknown, expected {InputIds}, {AttentionMask} and perhaps {TokenTypeIds}.");
            }

            if (input.ElementDataType != TensorElementType.Int64 || input.Dimensions.Length != 2)
            {
                Throw.InvalidData($"{source}: input '{name}' is {input.ElementDataType} of rank {input.Dimensions.Length}, expected Int64 [batch, sequence].");
            }
        }

        if (!session.InputMetadata.ContainsKey(InputIds))
        {
            Throw.InvalidData($"{source}: there is no input '{InputIds}', expected a text classification graph.");
        }

        string output = session.OutputMetadata.ContainsKey("logits") ? "logits" : session.OutputMetadata.Keys.First();
        NodeMetadata logits = session.OutputMetadata[output];
        if (logits.ElementDataType != TensorElementType.Float || logits.Dimensions.Length != 2)
        {
            Throw.InvalidData($"{source}: output '{output}' is {logits.ElementDataType} of rank {logits.Dimensions.Length}, expected Float [batch, labels].");
        }

        _outputNames = [output];
        LabelCount = logits.Dimensions[1];
    }

    /// <summary>The number of labels that the graph declares, or -1 where it leaves them open.</summary>
    public int LabelCount { get; }

    public static ClassifierSession Open(string modelFile, EmotionClassifierOptions options) =>
        Open(modelFile, options, sessionOptions => new InferenceSession(modelFile, sessionOptions));

    public static ClassifierSession Open(byte[] model, EmotionClassifierOptions options) =>
        Open("the model", options, sessionOptions => new InferenceSession(model, sessionOptions));

    /// <summary>Runs the batch and writes its logits, row-major <c>[texts, labels]</c>.</summary>
    public void Run(TokenBatch batch, Span<float> logits)
    {
        long[] shape = [batch.Rows, batch.SequenceLength];
        var inputs = new OrtValue[_inputNames.Length];
        try
        {
            for (int index = 0; index < inputs.Length; index++)
            {
                inputs[index] = CreateInput(batch, _inputNames[index], shape);
            }

            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_runOptions, _inputNames, inputs, _outputNames);
            ReadOnlySpan<float> result = outputs[0].GetTensorDataAsSpan<float>();
            if (result.Length != logits.Length)
            {
                Throw.InvalidData($"the model returned {result.Length} logits for {batch.Rows} texts, expected {logits.Length}. Do the labels of config.json fit the graph?");
            }

            result.CopyTo(logits);
        }
        finally
        {
            foreach (OrtValue? input in inputs)
            {
                input?.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    // A view of one plane of the batch; nothing is copied.
    private static OrtValue CreateInput(TokenBatch batch, string name, long[] shape)
    {
        int plane = name switch { InputIds => 0, AttentionMask => 1, _ => 2 };
        nint address = batch.Block.Pointer + (nint)((long)plane * batch.Capacity * sizeof(long));
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Int64, shape, address, shape[0] * shape[1] * sizeof(long));
    }

    private static ClassifierSession Open(string source, EmotionClassifierOptions options, Func<SessionOptions, InferenceSession> open)
    {
        RuntimeTelemetry.Disable();
        InferenceSession? session = null;
        try
        {
            using var sessionOptions = new SessionOptions
            {
                IntraOpNumThreads = options.IntraOpThreads ?? Environment.ProcessorCount,
                InterOpNumThreads = 1,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            session = open(sessionOptions);
            return new ClassifierSession(session, source);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"{source}: ONNX Runtime refuses the model: {error.Message.ReplaceLineEndings(" ")}", error);
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new InvalidOperationException(
                "the native ONNX Runtime library cannot be loaded. Add the package Microsoft.ML.OnnxRuntime (or Microsoft.ML.OnnxRuntime.Gpu) of the version of Microsoft.ML.OnnxRuntime.Managed to the application.",
                error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }
}
