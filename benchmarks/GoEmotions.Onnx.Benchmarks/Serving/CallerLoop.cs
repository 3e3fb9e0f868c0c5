using System.Diagnostics;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>Callers of one text each. Thread pool, timer and classifier are warm after the first turn.</summary>
internal static class CallerLoop
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.2);

    /// <summary>Closed loop, a thread for each caller: each calls <c>Score</c> again as soon as it has its answer.</summary>
    public static CallerFigures Direct(EmotionClassifier classifier, string[] texts, int callers, TimeSpan duration)
    {
        var clock = new LoopClock(WarmUp, duration);
        List<double>[] latencies = [.. Enumerable.Range(0, callers).Select(_ => new List<double>(1 << 12))];
        Thread[] threads = [.. latencies.Select((own, caller) => new Thread(() =>
        {
            var probabilities = new float[classifier.Labels.Count];
            for (int text = caller; clock.Goes; text += callers)
            {
                long start = Stopwatch.GetTimestamp();
                classifier.Score(texts[text % texts.Length], probabilities);
                clock.Note(own, start);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return new CallerFigures(latencies.SelectMany(own => own), duration);
    }

    /// <summary>Closed loop of asynchronous callers: each awaits <c>ScoreAsync</c> and asks again.</summary>
    public static CallerFigures Batched(EmotionClassifier classifier, string[] texts, int callers, TimeSpan duration)
    {
        var clock = new LoopClock(WarmUp, duration);
        List<double>[] latencies = [.. Enumerable.Range(0, callers).Select(_ => new List<double>(1 << 12))];
        Task.WaitAll([.. latencies.Select((own, caller) => Task.Run(() => Call(own, caller)))]);
        return new CallerFigures(latencies.SelectMany(own => own), duration);

        async Task Call(List<double> own, int caller)
        {
            var probabilities = new float[classifier.Labels.Count];
            for (int text = caller; clock.Goes; text += callers)
            {
                long start = Stopwatch.GetTimestamp();
                await classifier.ScoreAsync(texts[text % texts.Length].AsMemory(), probabilities).ConfigureAwait(false);
                clock.Note(own, start);
            }
        }
    }

    /// <summary>
    /// Open loop: texts come at random (exponential gaps), whether or not those before are answered; the latency counts from the
    /// moment that a text was due, so that a stall is not forgiven.
    /// </summary>
    public static CallerFigures Arrivals(EmotionClassifier classifier, string[] texts, double textsPerSecond, TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var tasks = new List<Task<double>>();
        long start = Stopwatch.GetTimestamp();
        double due = 0;
        for (int text = 0; due < duration.TotalSeconds; text++)
        {
            double now = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (due > now)
            {
                Thread.Sleep(TimeSpan.FromSeconds(due - now));
            }

            tasks.Add(Call(texts[text % texts.Length], start + (long)(due * Stopwatch.Frequency)));
            due -= Math.Log(1 - random.NextDouble()) / textsPerSecond;
        }

        return new CallerFigures(Task.WhenAll(tasks).GetAwaiter().GetResult(), Stopwatch.GetElapsedTime(start));

        async Task<double> Call(string text, long dueAt)
        {
            await classifier.ScoreAsync(text.AsMemory(), new float[classifier.Labels.Count]).ConfigureAwait(false);
            return Stopwatch.GetElapsedTime(dueAt).TotalSeconds;
        }
    }

    /// <summary>Says how long callers go on, and which answers count: those after the warm-up.</summary>
    private sealed class LoopClock(TimeSpan warmUp, TimeSpan duration)
    {
        private readonly long _from = Stopwatch.GetTimestamp() + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        private readonly long _end = Stopwatch.GetTimestamp() + (long)((warmUp + duration).TotalSeconds * Stopwatch.Frequency);

        public bool Goes => Stopwatch.GetTimestamp() < _end;

        public void Note(List<double> latencies, long start)
        {
            long now = Stopwatch.GetTimestamp();
            if (now >= _from && now < _end)
            {
                latencies.Add(Stopwatch.GetElapsedTime(start, now).TotalSeconds);
            }
        }
    }
}
