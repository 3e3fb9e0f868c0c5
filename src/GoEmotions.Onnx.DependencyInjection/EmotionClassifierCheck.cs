using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GoEmotions.Onnx.DependencyInjection;

/// <summary>Scores a short text, and looks at the queue of <see cref="EmotionClassifier.ScoreAsync"/>.</summary>
internal sealed class EmotionClassifierCheck(IServiceProvider services, string? serviceKey) : IHealthCheck
{
    private const string Text = "Thank you so much!";

    // Of the queue's limit in tokens: the next burst is refused.
    private const double NearlyFull = 0.9;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            EmotionClassifier classifier = EmotionClassifierServices.Resolve(services, serviceKey);
            float[] probabilities = new float[classifier.Labels.Count];

            // A run cannot be cancelled; the check's timeout holds all the same.
            await Task.Run(() => classifier.Score(Text, probabilities), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            return Array.TrueForAll(probabilities, float.IsFinite)
                ? CheckQueue(classifier)
                : new HealthCheckResult(context.Registration.FailureStatus, "the model answers with probabilities that are no numbers.");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"the classifier cannot score: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static HealthCheckResult CheckQueue(EmotionClassifier classifier)
    {
        int queued = classifier.QueuedTokens;
        var data = new Dictionary<string, object>
        {
            ["model_file"] = classifier.ModelFile ?? "",
            ["queued_texts"] = classifier.QueuedTexts,
            ["queued_tokens"] = queued,
            ["max_queue_tokens"] = classifier.MaxQueueTokens,
        };
        return queued >= NearlyFull * classifier.MaxQueueTokens
            ? HealthCheckResult.Degraded($"the queue holds {queued} tokens of at most {classifier.MaxQueueTokens}; what exceeds them is refused.", data: data)
            : HealthCheckResult.Healthy("the classifier scores.", data);
    }
}
