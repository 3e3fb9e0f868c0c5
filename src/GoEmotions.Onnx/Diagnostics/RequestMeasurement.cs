using System.Diagnostics;
using GoEmotions.Onnx.Batching;

namespace GoEmotions.Onnx.Diagnostics;

/// <summary>What is known of a request between its beginning and its end, of which there is exactly one.</summary>
internal readonly struct RequestMeasurement
{
    /// <summary>A call of one text.</summary>
    public const string ScoreText = "score_text";

    /// <summary>A call of many texts.</summary>
    public const string ScoreTexts = "score_texts";

    /// <summary>A text by a <see cref="MicroBatcher"/>.</summary>
    public const string ScoreAsync = "score_async";

    private const string Ok = "ok";
    private const string Rejected = "rejected";
    private const string Cancelled = "cancelled";
    private const string Error = "error";

    private readonly string _model;
    private readonly string _operation;
    private readonly long _startedAt;

    private RequestMeasurement(string model, string operation)
    {
        _model = model;
        _operation = operation;
        _startedAt = EngineMetrics.StartTime(EngineMetrics.RequestDuration);
        Activity = EngineTracing.StartRequest(operation, model);
    }

    /// <summary>The request's activity, or null where nobody listens.</summary>
    public Activity? Activity { get; }

    /// <summary>A request begins.</summary>
    public static RequestMeasurement Start(string model, string operation) => new(model, operation);

    /// <summary>It was answered.</summary>
    /// <param name="texts">Its texts.</param>
    /// <param name="tokens">Their tokens, or null where that was not counted.</param>
    public void Complete(int texts, int? tokens = null)
    {
        if (EngineMetrics.Requests.Enabled || EngineMetrics.Texts.Enabled || _startedAt != 0)
        {
            TagList tags = Tags();
            EngineMetrics.RecordTime(EngineMetrics.RequestDuration, _startedAt, tags);
            EngineMetrics.Texts.Add(texts, tags);
            tags.Add(EngineMetrics.OutcomeTag, Ok);
            EngineMetrics.Requests.Add(1, tags);
        }

        EngineTracing.Complete(Activity, texts, tokens);
    }

    /// <summary>It failed, or was cancelled.</summary>
    public void Fail(Exception error) => End(error is OperationCanceledException ? Cancelled : Error, error.GetType(), error.Message);

    /// <summary>It was cancelled before there was an exception.</summary>
    public void Cancel() => End(Cancelled, typeof(OperationCanceledException), "The request was cancelled while it waited.");

    /// <summary>There was no room in the queue.</summary>
    public void Reject() => End(Rejected, typeof(MicroBatcherFullException), "The queue was full.");

    private void End(string outcome, Type errorType, string message)
    {
        if (EngineMetrics.Requests.Enabled)
        {
            TagList tags = Tags();
            tags.Add(EngineMetrics.OutcomeTag, outcome);
            tags.Add(EngineMetrics.ErrorTag, errorType.FullName);
            EngineMetrics.Requests.Add(1, tags);
        }

        EngineTracing.Fail(Activity, errorType, message);
    }

    private TagList Tags() => new() { { EngineMetrics.ModelTag, _model }, { EngineMetrics.OperationTag, _operation } };
}
