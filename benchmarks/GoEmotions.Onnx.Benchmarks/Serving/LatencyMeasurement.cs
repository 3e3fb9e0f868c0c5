using System.Diagnostics;
using System.Globalization;
using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Graphs.Serving;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>
/// One text a call: the engine from characters to probabilities, the bare run of the same graph, and the plain export's run with
/// values made beforehand. Sides take turns of some calls each, since a service has one model's weights in its caches, not five's.
/// </summary>
internal sealed class LatencyMeasurement(MeasurementRun run)
{
    private const int WarmUpCalls = 5;
    private const int LeastCalls = 5;
    private const int TurnMilliseconds = 60;

    /// <summary>The pools of ONNX Runtime wait in busy loops for a moment after a run.</summary>
    private const int RestMilliseconds = 5;

    private static readonly int[] Lengths = [16, 32, 128];

    public void Run()
    {
        foreach ((BenchmarkModel model, _, int rounds) in run.Models())
        {
            foreach (int tokens in Lengths)
            {
                Measure(model, tokens, rounds * 6);
            }

            MeasureCallers(model, rounds * 2);
        }

        var allocations = new AllocationMeasurement(run.Texts);
        foreach ((string call, double bytes) in allocations.Run())
        {
            run.Add("allocation", call, "bytes a call", bytes);
        }
    }

    private void Measure(BenchmarkModel model, int tokens, int rounds)
    {
        string text = run.Texts.OfLength(tokens);
        var sides = new List<(string Name, Action Call, IDisposable Owner, List<double> Seconds)>();
        var plain = new BareRun(model.Plain, run.Texts, text, binds: false, MeasurementRun.Threads);
        sides.Add(("plain", plain.Run, plain, []));
        foreach (ServingPrecision precision in new[] { ServingPrecision.Float32, ServingPrecision.Int8 })
        {
            var bare = new BareRun(model.Serving(precision), run.Texts, text, binds: true, MeasurementRun.Threads);
            sides.Add(($"{ServingSide.Of(precision)} bare", bare.Run, bare, []));
            EmotionClassifier classifier = model.CreateClassifier(precision);
            var probabilities = new float[classifier.Labels.Count];
            sides.Add((ServingSide.Of(precision), () => classifier.Score(text, probabilities), classifier, []));
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach ((_, Action call, _, List<double> seconds) in sides)
            {
                Thread.Sleep(RestMilliseconds);
                for (int warmUp = 0; warmUp < WarmUpCalls; warmUp++)
                {
                    call();
                }

                long turn = Stopwatch.GetTimestamp();
                for (int done = 0; done < LeastCalls || Stopwatch.GetElapsedTime(turn).TotalMilliseconds < TurnMilliseconds; done++)
                {
                    long start = Stopwatch.GetTimestamp();
                    call();
                    seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }

        foreach ((string name, _, IDisposable owner, List<double> seconds) in sides)
        {
            owner.Dispose();
            run.Add(model.Name, name, string.Create(CultureInfo.InvariantCulture, $"{tokens} tokens p50 ms"), seconds.Median() * 1000);
            run.Add(model.Name, name, string.Create(CultureInfo.InvariantCulture, $"{tokens} tokens p99 ms"), seconds.Quantile(0.99) * 1000);
        }
    }

    // One caller whose runs have all threads, against a caller for each thread.
    private void MeasureCallers(BenchmarkModel model, int rounds)
    {
        string text = run.Texts.OfLength(Lengths[0]);
        string[] texts = [text];
        foreach (ServingPrecision precision in new[] { ServingPrecision.Float32, ServingPrecision.Int8 })
        {
            using EmotionClassifier together = model.CreateClassifier(precision, new EmotionClassifierOptions { IntraOpThreads = MeasurementRun.Threads, Concurrency = 1 });
            using EmotionClassifier apart = model.CreateClassifier(precision, new EmotionClassifierOptions { IntraOpThreads = 1, Concurrency = MeasurementRun.Threads });
            var one = new List<double>();
            var several = new List<double>();
            TimeSpan turn = TimeSpan.FromSeconds(0.7);
            for (int round = 0; round < rounds; round++)
            {
                one.Add(CallerLoop.Direct(together, texts, 1, turn).TextsPerSecond);
                several.Add(CallerLoop.Direct(apart, texts, MeasurementRun.Threads, turn).TextsPerSecond);
            }

            run.Add(model.Name, ServingSide.Of(precision), "one caller texts/s", one.Median());
            run.Add(model.Name, ServingSide.Of(precision), "a caller a thread texts/s", several.Median());
        }
    }
}
