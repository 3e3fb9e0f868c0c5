using System.Collections.Concurrent;
using System.Diagnostics;
using GoEmotions.Onnx.Batching;

namespace GoEmotions.Onnx.Tests.Diagnostics;

public sealed class EngineTracingTests : IDisposable
{
    private readonly TemporaryFolder _model = ClassifierDirectory.Create();
    private readonly ConcurrentQueue<Activity> _stopped = new();
    private readonly ActivityListener _listener;

    public EngineTracingTests()
    {
        // Other tests run beside this one: what is not of this model is passed over.
        string model = $"{Path.GetFileName(_model.Root)}/model.onnx";
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EngineDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if ((string?)activity.GetTagItem("goemotions.model") == model)
                {
                    _stopped.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void EngineTracing_Score_IsAnActivityUnderTheCallers()
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root);
        using Activity caller = new Activity("caller").Start();
        classifier.Score("abc", new float[3]);
        classifier.Score(["a", "b"], new float[6]);
        Assert.Same(caller, Activity.Current);
        Assert.Equal(["score_text", "score_texts"], _stopped.Select(activity => activity.OperationName));
        Assert.All(_stopped, activity => Assert.Equal((caller.SpanId, ActivityStatusCode.Unset), (activity.ParentSpanId, activity.Status)));
        Activity first = _stopped.First();
        Assert.Equal((1, 5), (first.GetTagItem("goemotions.texts"), first.GetTagItem("goemotions.tokens")));
        Assert.Equal(2, _stopped.Last().GetTagItem("goemotions.texts"));
        Assert.True(first.Duration > TimeSpan.Zero);
    }

    [Fact]
    public void EngineTracing_RunThatFails_IsAnError()
    {
        _model.Write("onnx/model.onnx", ClassifierModel.OnnxThatCannotRun);
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, new EmotionClassifierOptions { WarmUp = false });
        string message = Assert.Throws<InvalidOperationException>(() => classifier.Score("abc", new float[3])).Message;
        Activity activity = Assert.Single(_stopped);
        Assert.Equal((ActivityStatusCode.Error, message), (activity.Status, activity.StatusDescription));
        Assert.Equal("System.InvalidOperationException", activity.GetTagItem("error.type"));
    }

    [Fact]
    public async Task EngineTracing_Batch_IsLinkedToItsRequests()
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, new EmotionClassifierOptions { IntraOpThreads = 1, Concurrency = 1 });
        Activity caller = new Activity("caller").Start();
        var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxDelay = TimeSpan.FromMinutes(1) });
        ValueTask<ScoredText> first = batcher.ScoreAsync("abc".AsMemory(), new float[3], TestContext.Current.CancellationToken);
        ValueTask<ScoredText> second = batcher.ScoreAsync("abcd".AsMemory(), new float[3], TestContext.Current.CancellationToken);
        Assert.Same(caller, Activity.Current);
        await batcher.DisposeAsync();
        await first;
        await second;
        Activity[] requests = [.. _stopped.Where(activity => activity.OperationName == "score_async")];
        Assert.Equal([5, 6], requests.Select(activity => activity.GetTagItem("goemotions.tokens")));
        Assert.All(requests, activity => Assert.Equal(caller.SpanId, activity.ParentSpanId));

        // The batcher has ended, and its batches with it.
        Activity batch = Assert.Single(_stopped, activity => activity.OperationName == "score_batch");
        Assert.Equal((2, 11), (batch.GetTagItem("goemotions.texts"), batch.GetTagItem("goemotions.tokens")));
        Assert.Equal(requests.Select(activity => activity.SpanId), batch.Links.Select(link => link.Context.SpanId));
        Assert.NotEqual(caller.TraceId, batch.TraceId);
        caller.Stop();
    }

    [Fact]
    public async Task EngineTracing_CancelledAndRejected_EndTheirActivities()
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, new EmotionClassifierOptions { IntraOpThreads = 1, Concurrency = 1 });
        await using var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxDelay = TimeSpan.FromMinutes(1), MaxQueueTokens = 64 });
        using var cancellation = new CancellationTokenSource();
        ValueTask<ScoredText> cancelled = batcher.ScoreAsync(new string('a', 60).AsMemory(), new float[3], cancellation.Token);
        Assert.False(batcher.TryEnqueue("abc".AsMemory(), new float[3], out _, TestContext.Current.CancellationToken));
        using Activity caller = new Activity("caller").Start();
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await cancelled);
        Assert.Same(caller, Activity.Current);
        Assert.Equal(
            ["GoEmotions.Onnx.Batching.MicroBatcherFullException", "System.OperationCanceledException"],
            _stopped.Select(activity => activity.GetTagItem("error.type")));
        Assert.All(_stopped, activity => Assert.Equal(ActivityStatusCode.Error, activity.Status));
    }
}
