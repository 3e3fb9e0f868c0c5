using System.Globalization;
using GoEmotions.Onnx.Batching;

namespace GoEmotions.Onnx.Tests.Batching;

/// <summary>
/// Callers of all kinds at once, with cancellations at any moment and refusals: each request has one answer, and it is the
/// right one. Runs for seconds; <c>GOEMOTIONS_STRESS_SECONDS</c> makes it longer.
/// </summary>
[Collection(nameof(RunsAlone))]
public sealed class MicroBatcherStressTests(ITestOutputHelper output)
{
    [Fact]
    public async Task MicroBatcher_RandomCallers_EachGetOneRightAnswer()
    {
        double seconds = double.TryParse(Environment.GetEnvironmentVariable("GOEMOTIONS_STRESS_SECONDS"), CultureInfo.InvariantCulture, out double value) ? value : 4;
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}, {seconds} s");
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { IntraOpThreads = 1, Concurrency = 2, MaxBatchTokens = 256, MaxLength = 32 });
        string[] texts = ClassifierTexts.Random(seed, 400, maxLength: 60);
        float[] expected = new float[texts.Length * 3];
        classifier.Score(texts, expected);
        long answered = 0, cancelled = 0, refused = 0, batchers = 0;
        DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(seconds);
        var random = new Random(seed);
        while (DateTime.UtcNow < end)
        {
            // A batcher lives for a moment, so that draining is under the same fire.
            await using var batcher = MicroBatcher.Create(classifier, new MicroBatcherOptions { MaxDelay = TimeSpan.FromMilliseconds(random.Next(3)), MaxQueueTokens = random.Next(32, 2000) });
            batchers++;
            DateTime stop = DateTime.UtcNow + TimeSpan.FromMilliseconds(random.Next(10, 400));
            Task[] callers = [.. Enumerable.Range(0, random.Next(1, 80)).Select(_ => random.Next()).Select(callerSeed => Task.Run(() => Call(batcher, callerSeed, stop)))];
            if (random.Next(3) == 0)
            {
                await batcher.DisposeAsync();
            }

            await Task.WhenAll(callers);
            Assert.Equal((0, 0), (batcher.QueuedTokens, batcher.QueuedTexts));
        }

        output.WriteLine($"{answered} answered, {cancelled} cancelled, {refused} refused, {batchers} batchers");
        Assert.True(answered > 0 && cancelled > 0);

        async Task Call(MicroBatcher batcher, int callerSeed, DateTime stop)
        {
            var callerRandom = new Random(callerSeed);
            float[] probabilities = new float[3];
            while (DateTime.UtcNow < stop)
            {
                int text = callerRandom.Next(texts.Length);
                probabilities.AsSpan().Fill(-1);
                using CancellationTokenSource? cancellation = callerRandom.Next(3) == 0 ? new CancellationTokenSource() : null;
                try
                {
                    ValueTask<ScoredText> task = batcher.ScoreAsync(texts[text].AsMemory(), probabilities, cancellation?.Token ?? CancellationToken.None);
                    Task? cancelling = callerRandom.Next(2) == 0 ? cancellation?.CancelAsync() : null;
                    if (callerRandom.Next(4) == 0)
                    {
                        SpinWait.SpinUntil(() => task.IsCompleted, callerRandom.Next(3));
                    }

                    if (cancelling is null)
                    {
                        cancellation?.CancelAfter(callerRandom.Next(3));
                    }

                    await task.AsTask().WaitAsync(TimeSpan.FromSeconds(60));
                    Interlocked.Increment(ref answered);
                    for (int label = 0; label < 3; label++)
                    {
                        Assert.Equal(expected[(text * 3) + label], probabilities[label], 1e-5f);
                    }
                }
                catch (OperationCanceledException) when (cancellation is not null)
                {
                    // Whoever is told that the request is cancelled has the destination to himself.
                    Interlocked.Increment(ref cancelled);
                    Assert.Equal([-1, -1, -1], probabilities);
                }
                catch (MicroBatcherFullException)
                {
                    Interlocked.Increment(ref refused);
                    await Task.Delay(1);
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
