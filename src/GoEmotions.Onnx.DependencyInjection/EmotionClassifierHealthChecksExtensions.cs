using GoEmotions.Onnx;
using GoEmotions.Onnx.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

// Where programs that register services find it without a further using.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The health check of a registered <see cref="EmotionClassifier"/>.</summary>
public static class EmotionClassifierHealthChecksExtensions
{
    /// <summary>
    /// Adds a check that scores a short text. It fails where the model cannot be loaded or run, answers with what is no number, or is
    /// disposed of; it is <see cref="HealthStatus.Degraded"/> where nine tenths of the queue of
    /// <see cref="EmotionClassifier.ScoreAsync"/> are taken.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="serviceKey">The classifier's key, or <see langword="null"/> for the one without.</param>
    /// <param name="failureStatus">What a failure is reported as; <see langword="null"/> (the default): <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to filter checks by.</param>
    /// <param name="timeout">How long the check may take; <see langword="null"/> (the default): no limit.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHealthChecksBuilder AddEmotionClassifierCheck(
        this IHealthChecksBuilder builder,
        string name = "emotion-classifier",
        string? serviceKey = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.Add(new HealthCheckRegistration(name, provider => new EmotionClassifierCheck(provider, serviceKey), failureStatus, tags, timeout));
    }
}
