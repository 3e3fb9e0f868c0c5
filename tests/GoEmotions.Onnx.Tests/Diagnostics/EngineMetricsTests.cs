using System.Diagnostics.Metrics;
using GoEmotions.Onnx.Batching;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using Google.Protobuf;

namespace GoEmotions.Onnx.Tests.Diagnostics;

public sealed class EngineMetricsTests : IDisposable
{
    private static readonly EmotionClassifierOptions OneThread = new() { IntraOpThreads = 1, Concurrency = 1 };

    private readonly TemporaryFolder _model = ClassifierDirectory.Create();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void EngineMetrics_Score_IsMeasuredExactly()
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, OneThread);
        using var recorder = new MetricRecorder(_model);
        classifier.Score("abc", new float[3]);
        classifier.Score(["ab", "abcd"], new float[6]);
        classifier.Predict("");
        Assert.Equal(["1 score_text ok", "1 score_texts ok", "1 score_text ok"], recorder["goemotions.requests"]);
        Assert.Equal(["1 score_text", "2 score_texts", "1 score_text"], recorder["goemotions.texts"]);
        Assert.Equal(["5", "10", "2"], recorder["goemotions.tokens"]);
        Assert.Equal(["0", "2", "0"], recorder["goemotions.padding_tokens"]);
        Assert.Equal(["1", "2", "1"], recorder["goemotions.batch.size"]);
        double[] requests = recorder.Durations("goemotions.request.duration");
        double[] batches = recorder.Durations("goemotions.batch.duration");
        Assert.Equal((3, 3), (requests.Length, batches.Length));
        Assert.All(requests.Zip(batches), pair => Assert.True(pair.First >= pair.Second && pair.Second is > 0 and < 60, $"{pair}"));
    }

    [Fact]
    public void EngineMetrics_PackedGraph_HasNoPadding()
    {
        _model.Write("onnx/serving.onnx", ServingGraph.FromCheckpoint(Checkpoint.CreateRandom(ClassifierModel.Config, seed: 3), new ServingGraphOptions { Form = ServingForm.Packed }).ToModel().ToByteArray());
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, OneThread);
        using var recorder = new MetricRecorder(_model);
        classifier.Score(["ab", "abcd"], new float[6]);
        Assert.Equal(["10"], recorder["goemotions.tokens"]);
        Assert.Equal(["0"], recorder["goemotions.padding_tokens"]);
    }

    [Fact]
    public void EngineMetrics_CallOfManyBatches_IsOneRequest()
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, OneThread with { MaxBatchTokens = 64 });
        using var recorder = new MetricRecorder(_model);
        classifier.Score([.. Enumerable.Repeat("abcdef", 20)], new float[60]);
        Assert.Equal(["1 score_texts ok"], recorder["goemotions.requests"]);
        Assert.Equal(["20 score_texts"], recorder["goemotions.texts"]);
        Assert.Equal(["8", "8", "4"], recorder["goemotions.batch.size"]);
        Assert.Equal(["64", "64", "32"], recorder["goemotions.tokens"]);
        Assert.Single(recorder.Durations("goemotions.request.duration"));
    }

    [Fact]
    public void EngineMetrics_WrongArguments_AreNoRequests()
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, OneThread);
        using var recorder = new MetricRecorder(_model);
        Assert.Throws<ArgumentException>(() => classifier.Score("abc", new float[2]));
        Assert.Throws<ArgumentException>(() => classifier.Score(["abc", null!], new float[6]));
        Assert.Empty(recorder["goemotions.requests"]);
    }

    [Fact]
    public void EngineMetrics_RunThatFails_IsCountedAsAnError()
    {
        _model.Write("onnx/model.onnx", ClassifierModel.OnnxThatCannotRun);
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, OneThread with { WarmUp = false });
        using var recorder = new MetricRecorder(_model);
        Assert.Throws<InvalidOperationException>(() => classifier.Score("abc", new float[3]));
        Assert.Throws<InvalidOperationException>(() => classifier.Score(["abc"], new float[3]));
        Assert.Equal(["1 score_text error System.InvalidOperationException", "1 score_texts error System.InvalidOperationException"], recorder["goemotions.requests"]);
        Assert.Empty(recorder["goemotions.texts"]);
        Assert.Empty(recorder["goemotions.request.duration"]);
    }

    [Fact]
    public async Task EngineMetrics_MicroBatcher_CountsEachOutcomeAndMeasuresItsQueue()
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, OneThread);
        using var recorder = new MetricRecorder(_model);
        var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxDelay = TimeSpan.FromMinutes(1), MaxQueueTokens = 70 });
        using var cancellation = new CancellationTokenSource();
        ValueTask<ScoredText> first = batcher.ScoreAsync("abc".AsMemory(), new float[3], TestContext.Current.CancellationToken);
        ValueTask<ScoredText> second = batcher.ScoreAsync("abcdef".AsMemory(), new float[3], TestContext.Current.CancellationToken);
        ValueTask<ScoredText> cancelled = batcher.ScoreAsync("a".AsMemory(), new float[3], cancellation.Token);
        recorder.Observe();
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await cancelled);
        Assert.True(batcher.TryEnqueue("a".AsMemory(), new float[3], out ValueTask<ScoredText> before, cancellation.Token));
        Assert.True(before.IsCanceled);
        Assert.False(batcher.TryEnqueue(new string('b', 60).AsMemory(), new float[3], out _, TestContext.Current.CancellationToken));
        await batcher.DisposeAsync();
        Assert.Equal(5, (await first).TokenCount);
        Assert.Equal(8, (await second).TokenCount);
        recorder.Observe();

        Assert.Equal(["3"], recorder["goemotions.queue.texts"]);
        Assert.Equal(["16"], recorder["goemotions.queue.tokens"]);
        Assert.Equal(
            [
                "1 score_async cancelled System.OperationCanceledException",
                "1 score_async cancelled System.OperationCanceledException",
                "1 score_async rejected GoEmotions.Onnx.Batching.MicroBatcherFullException",
                "1 score_async ok",
                "1 score_async ok",
            ],
            recorder["goemotions.requests"]);
        Assert.Equal(["2"], recorder["goemotions.batch.size"]);
        Assert.Equal(["13"], recorder["goemotions.tokens"]);
        Assert.Equal(2, recorder.Durations("goemotions.queue.duration").Length);
        Assert.All(recorder.Durations("goemotions.request.duration").Zip(recorder.Durations("goemotions.queue.duration")), pair => Assert.True(pair.First >= pair.Second && pair.Second >= 0, $"{pair}"));
    }

    [Fact]
    public async Task EngineMetrics_SeveralBatchersOfAModel_AreOneSeries()
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_model.Root, OneThread);
        using var recorder = new MetricRecorder(_model);
        var options = new MicroBatcherOptions { MaxDelay = TimeSpan.FromMinutes(1) };
        await using (var one = MicroBatcher.Create(classifier, options))
        {
            await using var two = MicroBatcher.Create(classifier, options);
            Assert.True(one.TryEnqueue("abc".AsMemory(), new float[3], out _, TestContext.Current.CancellationToken));
            Assert.True(two.TryEnqueue("abcd".AsMemory(), new float[3], out _, TestContext.Current.CancellationToken));
            recorder.Observe();
        }

        Assert.Equal(["11"], recorder["goemotions.queue.tokens"]);
    }

    [Fact]
    public void EngineMetrics_Instruments_HaveTheUnitsOfOpenTelemetry()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        var units = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == EngineDiagnostics.MeterName)
                {
                    units.Add(instrument.Name, instrument.Unit);
                    Assert.NotEmpty(instrument.Description!);
                }
            },
        };
        listener.Start();
        Assert.Equal(
            [
                "goemotions.batch.duration s",
                "goemotions.batch.size {text}",
                "goemotions.padding_tokens {token}",
                "goemotions.queue.duration s",
                "goemotions.queue.texts {text}",
                "goemotions.queue.tokens {token}",
                "goemotions.request.duration s",
                "goemotions.requests {request}",
                "goemotions.texts {text}",
                "goemotions.tokens {token}",
            ],
            units.Select(unit => $"{unit.Key} {unit.Value}"));
    }
}
