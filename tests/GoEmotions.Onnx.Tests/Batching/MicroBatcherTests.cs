using GoEmotions.Onnx.Batching;

namespace GoEmotions.Onnx.Tests.Batching;

public sealed class MicroBatcherTests
{
    private static readonly EmotionClassifierOptions OneThread = new() { IntraOpThreads = 1, Concurrency = 1, MaxBatchTokens = 256, MaxLength = 32 };

    [Fact]
    public async Task MicroBatcher_ManyCallers_GetWhatScoreGives()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(OneThread);
        string[] texts = ClassifierTexts.Random(seed: 2, count: 100, maxLength: 50);
        ScoredText[] scored = await Task.WhenAll(texts.Select(async text =>
        {
            float[] actual = new float[3];
            ScoredText result = await classifier.ScoreAsync(text.AsMemory(), actual, TestContext.Current.CancellationToken);
            float[] expected = new float[3];
            Assert.Equal(classifier.Score(text, expected), result);
            AssertClose(expected, actual);
            return result;
        }));
        Assert.Contains(scored, result => result.IsTruncated);
    }

    [Theory]
    [InlineData(LongTextPolicy.SlidingWindowMax)]
    [InlineData(LongTextPolicy.SlidingWindowMean)]
    public async Task MicroBatcher_SlidingWindows_GiveWhatScoreGives(LongTextPolicy policy)
    {
        using EmotionClassifier classifier = ClassifierModel.Create(OneThread with { LongTexts = policy, MaxWindows = 5 });
        foreach (int length in (int[])[0, 5, 30, 31, 60, 200, 3000])
        {
            string text = ClassifierTexts.Random(new Random(length), length);
            float[] actual = new float[3];
            ScoredText result = await classifier.ScoreAsync(text.AsMemory(), actual, TestContext.Current.CancellationToken);
            float[] expected = new float[3];
            Assert.Equal(classifier.Score(text, expected), result);
            AssertClose(expected, actual);
        }
    }

    [Fact]
    public async Task MicroBatcher_Full_RefusesAndNamesTheLimit()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(OneThread);
        await using var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxQueueTokens = 40, MaxDelay = TimeSpan.FromMinutes(1) });
        ValueTask<ScoredText> first = batcher.ScoreAsync(new string('a', 28).AsMemory(), new float[3], TestContext.Current.CancellationToken);
        Assert.False(batcher.TryEnqueue(new string('b', 9).AsMemory(), new float[3], out _, TestContext.Current.CancellationToken));
        MicroBatcherFullException error = await Assert.ThrowsAsync<MicroBatcherFullException>(async () => await batcher.ScoreAsync(new string('b', 9).AsMemory(), new float[3], TestContext.Current.CancellationToken));
        Assert.Equal((30, 40), (error.QueuedTokens, error.MaxQueueTokens));
        Assert.Contains("30 tokens", error.Message);
        Assert.Contains("limit of 40", error.Message);
        Assert.True(batcher.TryEnqueue(new string('c', 8).AsMemory(), new float[3], out ValueTask<ScoredText> second, TestContext.Current.CancellationToken));
        Assert.Equal((40, 2), (batcher.QueuedTokens, batcher.QueuedTexts));
        await batcher.DisposeAsync();
        Assert.Equal(30, (await first).TokenCount);
        Assert.Equal(10, (await second).TokenCount);
    }

    [Fact]
    public async Task MicroBatcher_CancelledWhileWaiting_IsDroppedAtOnce()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(OneThread);
        await using var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxDelay = TimeSpan.FromMinutes(1) });
        using var cancellation = new CancellationTokenSource();
        float[] destination = [7, 7, 7];
        Task<ScoredText> waiting = batcher.ScoreAsync("abc".AsMemory(), destination, cancellation.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await cancellation.CancelAsync();
        OperationCanceledException error = await Assert.ThrowsAsync<OperationCanceledException>(async () => await waiting);
        Assert.Equal(cancellation.Token, error.CancellationToken);
        Assert.Equal((0, 0), (batcher.QueuedTokens, batcher.QueuedTexts));
        Assert.Equal([7, 7, 7], destination);
        Assert.True(batcher.ScoreAsync("abc".AsMemory(), destination, cancellation.Token).AsTask().IsCanceled);
    }

    [Fact]
    public async Task MicroBatcher_NoDelay_AnswersASingleCaller()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(OneThread with { MicroBatching = new MicroBatcherOptions { MaxDelay = TimeSpan.Zero } });
        for (int call = 0; call < 20; call++)
        {
            Assert.Equal(5, (await classifier.ScoreAsync("abc".AsMemory(), new float[3], TestContext.Current.CancellationToken)).TokenCount);
        }
    }

    [Fact]
    public async Task MicroBatcher_Disposed_AnswersWhatWaitsAndRefusesMore()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(OneThread);
        var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxDelay = TimeSpan.FromMinutes(1) });
        Task<ScoredText>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => batcher.ScoreAsync("abc".AsMemory(), new float[3], TestContext.Current.CancellationToken).AsTask())];
        batcher.Dispose();
        batcher.Dispose();
        foreach (Task<ScoredText> task in waiting)
        {
            Assert.Equal(5, (await task).TokenCount);
        }

        Assert.Throws<ObjectDisposedException>(() => batcher.TryEnqueue("abc".AsMemory(), new float[3], out _, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task MicroBatcher_ClassifierDisposedFirst_TellsTheCallers()
    {
        EmotionClassifier classifier = ClassifierModel.Create(OneThread);
        await using var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxDelay = TimeSpan.Zero });
        classifier.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await batcher.ScoreAsync("abc".AsMemory(), new float[3], TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await batcher.ScoreAsync("abc".AsMemory(), new float[3], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task MicroBatcher_LongTextAmongShortOnes_KeepsNobodyWaiting()
    {
        // Short texts keep coming; a long one that comes among them is answered within the batches that stood before it.
        using EmotionClassifier classifier = ClassifierModel.Create(OneThread);
        using var stop = new CancellationTokenSource();
        Task[] shortTexts = [.. Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
        {
            float[] probabilities = new float[3];
            while (!stop.IsCancellationRequested)
            {
                await classifier.ScoreAsync("ab".AsMemory(), probabilities, CancellationToken.None);
            }
        }))];
        for (int call = 0; call < 10; call++)
        {
            await classifier.ScoreAsync(ClassifierTexts.Megabyte.AsMemory(), new float[3], TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await Task.WhenAll(shortTexts);
    }

    [Fact]
    public async Task MicroBatcher_ResultTakenTwice_IsRefused()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(OneThread);
        ValueTask<ScoredText> task = classifier.ScoreAsync("abc".AsMemory(), new float[3], TestContext.Current.CancellationToken);
        ValueTask<ScoredText> copy = task;
        await task;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await copy);
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(61_000, null)]
    [InlineData(1, 31)]
    public void MicroBatcher_OptionOutOfRange_IsRefused(int delayMilliseconds, int? maxQueueTokens)
    {
        var options = new MicroBatcherOptions { MaxDelay = TimeSpan.FromMilliseconds(delayMilliseconds), MaxQueueTokens = maxQueueTokens };
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassifierModel.Create(OneThread with { MicroBatching = options }));
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int label = 0; label < expected.Length; label++)
        {
            // Sums over other widths of padding round differently.
            Assert.Equal(expected[label], actual[label], 1e-5f);
        }
    }
}
