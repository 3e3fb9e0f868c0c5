using System.Diagnostics;
using GoEmotions.Onnx.Batching;

namespace GoEmotions.Onnx.Diagnostics;

/// <summary>
/// The engine's activities: one for each request, one for each batch of a <see cref="MicroBatcher"/>. None becomes
/// <see cref="Activity.Current"/> of a caller, since a request may begin in one thread and end in another. Thread-safe.
/// </summary>
internal static class EngineTracing
{
    private const string BatchName = "score_batch";
    private const string TextsTag = "goemotions.texts";
    private const string TokensTag = "goemotions.tokens";

    // OpenTelemetry's default limit; what exceeds it would be thrown away there.
    private const int MaxLinks = 128;

    private static readonly ActivitySource Source = new(EngineDiagnostics.ActivitySourceName, typeof(EngineTracing).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts the activity of a request, under the caller's; null where nobody listens.</summary>
    public static Activity? StartRequest(string operation, string model)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        Activity? current = Activity.Current;
        Activity? activity = Source.StartActivity(operation);
        activity?.SetTag(EngineMetrics.ModelTag, model);
        Activity.Current = current;
        return activity;
    }

    /// <summary>Starts the activity of a batch, linked to those of its requests; null where nobody listens.</summary>
    public static Activity? StartBatch(string model, ReadOnlySpan<ScoreRequest?> requests)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        int tokens = 0;
        var links = new List<ActivityLink>();
        foreach (ScoreRequest? request in requests)
        {
            tokens += request!.TokenCount;
            if (request.Measurement.Activity is Activity activity && links.Count < MaxLinks)
            {
                links.Add(new ActivityLink(activity.Context));
            }
        }

        Activity? current = Activity.Current;
        Activity.Current = null;
        Activity? batch = Source.StartActivity(BatchName, ActivityKind.Internal, default(ActivityContext), links: links);
        batch?.SetTag(EngineMetrics.ModelTag, model).SetTag(TextsTag, requests.Length).SetTag(TokensTag, tokens);
        Activity.Current = current;
        return batch;
    }

    /// <summary>Ends an activity that succeeded.</summary>
    /// <param name="activity">The activity, or null.</param>
    /// <param name="texts">The texts that were answered, or null where that stands there already.</param>
    /// <param name="tokens">Their tokens, or null where they were not counted.</param>
    public static void Complete(Activity? activity, int? texts = null, int? tokens = null)
    {
        if (activity is not null)
        {
            if (texts is not null)
            {
                activity.SetTag(TextsTag, texts);
            }

            if (tokens is not null)
            {
                activity.SetTag(TokensTag, tokens);
            }

            Stop(activity);
        }
    }

    /// <summary>Ends an activity that failed.</summary>
    public static void Fail(Activity? activity, Type errorType, string message)
    {
        if (activity is not null)
        {
            activity.SetTag(EngineMetrics.ErrorTag, errorType.FullName).SetStatus(ActivityStatusCode.Error, message);
            Stop(activity);
        }
    }

    // Stopping makes the activity's parent current, here perhaps in a thread that has nothing to do with it.
    private static void Stop(Activity activity)
    {
        Activity? current = Activity.Current;
        activity.Stop();
        Activity.Current = current;
    }
}
