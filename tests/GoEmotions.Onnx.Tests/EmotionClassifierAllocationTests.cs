using System.Diagnostics.Metrics;
using GoEmotions.Onnx.Batching;

namespace GoEmotions.Onnx.Tests;

[Collection(nameof(RunsAlone))]
public sealed class EmotionClassifierAllocationTests
{
    private const int Calls = 10_000;
    private const int WarmUpCalls = 300;

    [Theory]
    [InlineData(LongTextPolicy.Truncate)]
    [InlineData(LongTextPolicy.SlidingWindowMax)]
    public void Score_MixedCalls_AllocateNothing(LongTextPolicy policy) => AssertNothingAllocated(policy, Calls);

    [Theory]
    [InlineData(LongTextPolicy.Truncate)]
    [InlineData(LongTextPolicy.SlidingWindowMax)]
    public void Score_MetricsListenedTo_AllocateNothing(LongTextPolicy policy)
    {
        using var listener = new CountingListener();
        AssertNothingAllocated(policy, calls: 2000);

        // Requests, texts, tokens, padding, batch sizes and both durations.
        Assert.InRange(listener.Seen, 2000 * 7, long.MaxValue);
    }

    [Fact]
    public void TryEnqueue_FullQueue_AllocatesNothing()
    {
        using var listener = new CountingListener();
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { IntraOpThreads = 1 });
        using var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxDelay = TimeSpan.FromMinutes(1), MaxQueueTokens = 64 });
        float[] probabilities = new float[3];
        Assert.True(batcher.TryEnqueue(new string('a', 62).AsMemory(), probabilities, out _, TestContext.Current.CancellationToken));
        Refuse(WarmUpCalls);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refuse(Calls);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Refuse(int calls)
        {
            for (int call = 0; call < calls; call++)
            {
                if (batcher.TryEnqueue("abc".AsMemory(), probabilities, out _, CancellationToken.None))
                {
                    throw new InvalidOperationException("the queue was full");
                }
            }
        }
    }

    [Fact]
    public void Score_ParallelCallers_AllocateNothing()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { MaxLength = 32, MaxBatchTokens = 512, Concurrency = 2, IntraOpThreads = 1 });
        long[] allocated = new long[6];
        Thread[] threads = [.. Enumerable.Range(0, allocated.Length).Select(index => new Thread(() =>
        {
            var calls = new MixedCalls(seed: index);
            calls.Run(classifier, WarmUpCalls);
            long before = GC.GetAllocatedBytesForCurrentThread();
            calls.Run(classifier, 2000);
            allocated[index] = GC.GetAllocatedBytesForCurrentThread() - before;
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(new long[allocated.Length], allocated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ScoreAsync_ManyCallers_AllocateNothingInSteadyState(bool listenedTo)
    {
        using CountingListener? listener = listenedTo ? new CountingListener() : null;
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { MaxLength = 32, MaxBatchTokens = 512, IntraOpThreads = 1, Concurrency = 1 });
        string[] texts = ClassifierTexts.Random(seed: 8, count: 500, maxLength: 60);
        const int Callers = 16;
        const int CallsPerWindow = 1000;
        const int Windows = 11;
        long[] allocatedAt = new long[Windows];
        int calls = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(index => Task.Run(() => Call(new Random(index)))));

        // The whole process is measured, whose thread pool adds a thread now and then: what counts is that a thousand answers
        // in a row come without an allocation.
        long[] perWindow = [.. allocatedAt.Zip(allocatedAt.Skip(1), (before, after) => after - before)];
        Assert.True(perWindow.Min() == 0, string.Join(", ", perWindow));

        async Task Call(Random random)
        {
            float[] probabilities = new float[3];
            while (true)
            {
                await classifier.ScoreAsync(texts[random.Next(texts.Length)].AsMemory(), probabilities);
                int call = Interlocked.Increment(ref calls);
                if (call % CallsPerWindow == 0 && call / CallsPerWindow <= Windows)
                {
                    allocatedAt[(call / CallsPerWindow) - 1] = GC.GetTotalAllocatedBytes(precise: true);
                }

                if (call >= CallsPerWindow * Windows)
                {
                    return;
                }
            }
        }
    }

    private static void AssertNothingAllocated(LongTextPolicy policy, int calls)
    {
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { MaxLength = 32, MaxBatchTokens = 512, LongTexts = policy, MaxWindows = 8, IntraOpThreads = 1 });
        var mixed = new MixedCalls(seed: 5);
        mixed.Run(classifier, WarmUpCalls);
        long before = GC.GetAllocatedBytesForCurrentThread();
        mixed.Run(classifier, calls);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Listens to all of the engine's instruments, and counts what is measured.</summary>
    private sealed class CountingListener : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public CountingListener()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == EngineDiagnostics.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<int>((_, _, tags, _) => Count(tags));
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Count(tags));
            _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Count(tags));
            _listener.Start();
        }

        public long Seen => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();

        private void Count(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.Length > 0)
            {
                Interlocked.Increment(ref _count);
            }
        }
    }

    /// <summary>Calls of one text and of many, of all lengths; the texts are made beforehand.</summary>
    private sealed class MixedCalls(int seed)
    {
        private const int MaxTexts = 300;

        private readonly Random _random = new(seed);
        private readonly string[] _texts = ClassifierTexts.Random(seed, 500, maxLength: 60);
        private readonly string[] _call = new string[MaxTexts];
        private readonly float[] _probabilities = new float[MaxTexts * 3];
        private readonly ScoredText[] _scored = new ScoredText[MaxTexts];

        public void Run(EmotionClassifier classifier, int count)
        {
            for (int call = 0; call < count; call++)
            {
                // Texts of a megabyte, and calls of more than a few texts, are rare, for the test's sake.
                int texts = _random.Next(50) == 0 ? _random.Next(1, MaxTexts + 1) : _random.Next(1, 4);
                for (int text = 0; text < texts; text++)
                {
                    _call[text] = _random.Next(1000) == 0 ? ClassifierTexts.Megabyte : _texts[_random.Next(_texts.Length)];
                }

                if (texts == 1)
                {
                    classifier.Score(_call[0], _probabilities);
                }
                else if (texts == 2)
                {
                    classifier.Score(_call.AsSpan(0, texts), _probabilities, _scored);
                }
                else
                {
                    classifier.Score(_call.AsSpan(0, texts), _probabilities);
                }
            }
        }
    }
}
