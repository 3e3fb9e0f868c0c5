using System.Diagnostics;
using System.Text;
using GoEmotions.Onnx.Models;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Sessions;

/// <summary>
/// An ONNX Runtime session over a classification graph: token ids in, logits out. Thread-safe: concurrent runs each
/// bring their own <see cref="RunContext"/>. No run may be under way when it is disposed.
/// </summary>
internal sealed unsafe class ClassifierSession : IDisposable
{
    private readonly string _source;
    private readonly SessionHandle _session;
    private readonly NativeBlock _names;

    private ClassifierSession(SessionHandle session, GraphInputs inputs, string source)
    {
        _session = session;
        _source = source;
        Inputs = inputs;
        _names = NativeNames([.. inputs.Items.ToArray().Select(input => input.Name), inputs.OutputName]);
    }

    /// <summary>How the graph is fed.</summary>
    public GraphInputs Inputs { get; }

    /// <summary>Opens a session on a file that was screened.</summary>
    public static ClassifierSession Open(string modelFile, OnnxSummary summary, EmotionClassifierOptions options) =>
        Open(modelFile, summary, options, sessionOptions => RuntimeApi.CreateSession(modelFile, sessionOptions, modelFile));

    /// <summary>Opens a session on a model in memory that was screened.</summary>
    public static ClassifierSession Open(byte[] model, string source, OnnxSummary summary, EmotionClassifierOptions options) =>
        Open(source, summary, options, sessionOptions => RuntimeApi.CreateSession(model, sessionOptions, source));

    /// <summary>Runs the batch of a context; its logits stand in the context then.</summary>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error.</exception>
    public void Run(RunContext context, int labelCount)
    {
        ReadOnlySpan<GraphInput> inputs = Inputs.Items;
        nint* values = stackalloc nint[GraphInputs.MaxCount + 1];
        int made = 0;
        nint status = 0;
        while (status == 0 && made < inputs.Length)
        {
            status = CreateInput(context, made, inputs[made], values + made);
            made += status == 0 ? 1 : 0;
        }

        if (status == 0)
        {
            long* shape = stackalloc long[2] { context.Rows, labelCount };
            status = RuntimeApi.CreateTensor(context.LogitsAddress, (long)context.Rows * labelCount * sizeof(float), shape, 2, RuntimeApi.FloatType, values + made);
            if (status == 0)
            {
                byte** names = (byte**)_names.Pointer;
                made++;
                status = RuntimeApi.Run(_session.DangerousGetHandle(), names, values, inputs.Length, names + inputs.Length, values + inputs.Length);
            }
        }

        for (int value = 0; value < made; value++)
        {
            RuntimeApi.ReleaseValue(values[value]);
        }

        if (status != 0)
        {
            ThrowFailed(context, status);
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _names.Dispose();
    }

    private static nint CreateInput(RunContext context, int index, GraphInput input, nint* value)
    {
        long* shape = stackalloc long[2];
        long count;
        if (input.Extent == InputExtent.Area)
        {
            shape[0] = context.Rows;
            shape[1] = context.SequenceLength;
            count = shape[0] * shape[1];
        }
        else
        {
            shape[0] = count = input.Extent == InputExtent.Tokens ? context.TokenCount : context.Rows;
        }

        return RuntimeApi.CreateTensor(context.AddressOf(index), count * sizeof(long), shape, input.Rank, RuntimeApi.Int64Type, value);
    }

    private static ClassifierSession Open(string source, OnnxSummary summary, EmotionClassifierOptions options, Func<SessionOptions, nint> open)
    {
        GraphInputs inputs = GraphInputs.Of(summary, source);
        RuntimeTelemetry.Disable();
        try
        {
            using SessionOptions sessionOptions = RuntimeOptions.Create(options);
            return new ClassifierSession(new SessionHandle(open(sessionOptions)), inputs, source);
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new InvalidOperationException(
                $"the native ONNX Runtime library cannot be loaded ({(error.InnerException ?? error).Message.ReplaceLineEndings(" ")}). Add the package Microsoft.ML.OnnxRuntime (or Microsoft.ML.OnnxRuntime.Gpu) of the version of Microsoft.ML.OnnxRuntime.Managed to the application.",
                error);
        }
    }

    // Pointers to the names, then the names, each ended by a zero byte.
    private static NativeBlock NativeNames(string[] names)
    {
        int pointersSize = names.Length * sizeof(nint);
        var block = new NativeBlock(pointersSize + names.Sum(name => Encoding.UTF8.GetByteCount(name) + 1));
        Span<nint> pointers = block.Span<nint>(0, names.Length);
        int end = pointersSize;
        for (int index = 0; index < names.Length; index++)
        {
            pointers[index] = block.Pointer + end;
            end += Encoding.UTF8.GetBytes(names[index], block.Span<byte>(end, (int)block.SizeInBytes - end)) + 1;
        }

        return block;
    }

    [StackTraceHidden]
    private void ThrowFailed(RunContext context, nint status) =>
        throw new InvalidOperationException($"{_source}: ONNX Runtime fails on {context.Rows} texts of up to {context.SequenceLength} tokens: {RuntimeApi.TakeMessage(status)}");
}
