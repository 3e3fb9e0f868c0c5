using GoEmotions.Onnx.Batching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GoEmotions.Onnx.DependencyInjection.Tests;

public sealed class EmotionClassifierCheckTests : IDisposable
{
    private readonly TemporaryFolder _model = ClassifierDirectory.Create();

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task EmotionClassifierCheck_Classifier_IsHealthy()
    {
        await using ServiceProvider services = Services();
        HealthReportEntry entry = await Check(services);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(_model["onnx/model.onnx"], entry.Data["model_file"]);
        Assert.Equal((0, 0, 64), (entry.Data["queued_texts"], entry.Data["queued_tokens"], entry.Data["max_queue_tokens"]));
    }

    [Fact]
    public async Task EmotionClassifierCheck_Disposed_IsUnhealthy()
    {
        await using ServiceProvider services = Services();
        services.GetRequiredService<EmotionClassifier>().Dispose();
        HealthReportEntry entry = await Check(services);
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.StartsWith("the classifier cannot score: ", entry.Description);
        Assert.IsType<ObjectDisposedException>(entry.Exception);
    }

    [Fact]
    public async Task EmotionClassifierCheck_ModelThatCannotBeLoaded_FailsAsItIsTold()
    {
        _model.Write("onnx/model.onnx", "no model");
        await using ServiceProvider services = Services(HealthStatus.Degraded);
        HealthReportEntry entry = await Check(services);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains(_model["onnx/model.onnx"], entry.Description);
    }

    [Fact]
    public async Task EmotionClassifierCheck_QueueNearlyFull_IsDegraded()
    {
        await using ServiceProvider services = Services();
        EmotionClassifier classifier = services.GetRequiredService<EmotionClassifier>();
        ValueTask<ScoredText> waiting = classifier.ScoreAsync(new string('a', 56).AsMemory(), new float[3], TestContext.Current.CancellationToken);
        HealthReportEntry entry = await Check(services);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("the queue holds 58 tokens of at most 64; what exceeds them is refused.", entry.Description);
        Assert.Equal((1, 58), (entry.Data["queued_texts"], entry.Data["queued_tokens"]));
        classifier.Dispose();
        Assert.Equal(58, (await waiting).TokenCount);
    }

    [Fact]
    public async Task EmotionClassifierCheck_Key_ChecksThatClassifier()
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddKeyedEmotionClassifier("one", options => options.ModelDirectory = _model.Root);
        collection.AddHealthChecks().AddEmotionClassifierCheck("first", "one").AddEmotionClassifierCheck("second", "two");
        await using ServiceProvider services = collection.BuildServiceProvider();
        HealthReport report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HealthStatus.Healthy, HealthStatus.Unhealthy), (report.Entries["first"].Status, report.Entries["second"].Status));
    }

    private static async Task<HealthReportEntry> Check(ServiceProvider services) =>
        (await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["emotion-classifier"];

    private ServiceProvider Services(HealthStatus? failureStatus = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddEmotionClassifier(options =>
        {
            options.ModelDirectory = _model.Root;
            options.Classifier = new EmotionClassifierOptions { MicroBatching = new MicroBatcherOptions { MaxDelay = TimeSpan.FromMinutes(1), MaxQueueTokens = 64 } };
        });
        services.AddHealthChecks().AddEmotionClassifierCheck(failureStatus: failureStatus);
        return services.BuildServiceProvider();
    }
}
