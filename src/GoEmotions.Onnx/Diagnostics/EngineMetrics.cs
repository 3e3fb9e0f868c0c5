using System.Diagnostics;
using System.Diagnostics.Metrics;
using GoEmotions.Onnx.Batching;
using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Diagnostics;

/// <summary>
/// The engine's instruments. Recording allocates nothing, whoever listens; where nobody does, not even a time is taken.
/// Thread-safe.
/// </summary>
internal static class EngineMetrics
{
    /// <summary>The tag of every measurement: the model's folder and file.</summary>
    public const string ModelTag = "goemotions.model";

    /// <summary>The tag of requests: which call it was.</summary>
    public const string OperationTag = "goemotions.operation";

    /// <summary>The tag of requests: how it ended.</summary>
    public const string OutcomeTag = "goemotions.outcome";

    /// <summary>The tag of failed requests: the exception's type.</summary>
    public const string ErrorTag = "error.type";

    // Before the instruments, which are made in the order in which they stand here.
    private static readonly Meter Meter = new(EngineDiagnostics.MeterName, typeof(EngineMetrics).Assembly.GetName().Version?.ToString(3));

    // One text takes from a tenth of a millisecond (2x128) to tens of them (12x768); a call of thousands of texts takes seconds.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<int> BatchSizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };

    /// <summary>Calls that ended, by how.</summary>
    public static Counter<long> Requests { get; } = Meter.CreateCounter<long>("goemotions.requests", "{request}", "Calls that ended, by outcome: ok, rejected (the queue was full), cancelled, error.");

    /// <summary>Texts that were answered.</summary>
    public static Counter<long> Texts { get; } = Meter.CreateCounter<long>("goemotions.texts", "{text}", "Texts that were answered.");

    /// <summary>From the call to its answer.</summary>
    public static Histogram<double> RequestDuration { get; } = Meter.CreateHistogram("goemotions.request.duration", "s", "Time from the call to its answer, of calls that were answered.", tags: null, Durations);

    /// <summary>Tokens that were run.</summary>
    public static Counter<long> Tokens { get; } = Meter.CreateCounter<long>("goemotions.tokens", "{token}", "Tokens that were run, [CLS] and [SEP] included, padding not.");

    /// <summary>Padding that was run.</summary>
    public static Counter<long> PaddingTokens { get; } = Meter.CreateCounter<long>("goemotions.padding_tokens", "{token}", "Padding that was run besides the tokens; a packed serving graph has none.");

    /// <summary>Texts of a run.</summary>
    public static Histogram<int> BatchSize { get; } = Meter.CreateHistogram("goemotions.batch.size", "{text}", "Texts (of long ones, windows) in one run of the model.", tags: null, BatchSizes);

    /// <summary>Of a run.</summary>
    public static Histogram<double> BatchDuration { get; } = Meter.CreateHistogram("goemotions.batch.duration", "s", "Time of one run of the model.", tags: null, Durations);

    /// <summary>In the micro-batcher's queue.</summary>
    public static Histogram<double> QueueDuration { get; } = Meter.CreateHistogram("goemotions.queue.duration", "s", "Time that a text waited in the micro-batcher's queue before its run.", tags: null, Durations);

    /// <summary>Texts that wait now.</summary>
    public static ObservableUpDownCounter<long> QueuedTexts { get; } = Meter.CreateObservableUpDownCounter("goemotions.queue.texts", QueueDepths.MeasureTexts, "{text}", "Texts that wait in the micro-batcher's queue now.");

    /// <summary>Tokens that wait now.</summary>
    public static ObservableUpDownCounter<long> QueuedTokens { get; } = Meter.CreateObservableUpDownCounter("goemotions.queue.tokens", QueueDepths.MeasureTokens, "{token}", "Tokens that wait in the micro-batcher's queue now.");

    /// <summary>The time for an instrument that is listened to; zero, which stands for none, for one that is not.</summary>
    public static long StartTime(Histogram<double> duration) => duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Records the time since <see cref="StartTime"/>, where there was one.</summary>
    public static void RecordTime(Histogram<double> duration, long startedAt, in TagList tags)
    {
        if (startedAt != 0)
        {
            duration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, tags);
        }
    }

    /// <summary>Records how long the requests of a batch waited for it.</summary>
    public static void RecordWaits(string model, ReadOnlySpan<ScoreRequest?> requests)
    {
        if (!QueueDuration.Enabled)
        {
            return;
        }

        var tags = new TagList { { ModelTag, model } };
        long now = Stopwatch.GetTimestamp();
        foreach (ScoreRequest? request in requests)
        {
            QueueDuration.Record(Stopwatch.GetElapsedTime(request!.EnqueuedAt, now).TotalSeconds, tags);
        }
    }

    /// <summary>Records a run of the model.</summary>
    public static void RecordRun(string model, RunContext context, bool isPacked, long startedAt)
    {
        if (!(Tokens.Enabled || PaddingTokens.Enabled || BatchSize.Enabled || startedAt != 0))
        {
            return;
        }

        var tags = new TagList { { ModelTag, model } };
        Tokens.Add(context.TokenCount, tags);
        PaddingTokens.Add(isPacked ? 0 : ((long)context.Rows * context.SequenceLength) - context.TokenCount, tags);
        BatchSize.Record(context.Rows, tags);
        RecordTime(BatchDuration, startedAt, tags);
    }
}
