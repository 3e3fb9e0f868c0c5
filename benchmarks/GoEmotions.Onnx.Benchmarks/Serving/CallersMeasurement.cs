using System.Globalization;
using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>Many callers of one text each: <c>ScoreAsync</c> against <c>Score</c> called directly, and under arrivals that do not wait.</summary>
internal sealed class CallersMeasurement(MeasurementRun run)
{
    private static readonly int[] Callers = [1, 8, 64];
    private static readonly double[] Loads = [0.5, 0.8];

    public void Run()
    {
        var model = new BenchmarkModel(EncoderSize.Small, run.Texts);
        TimeSpan turn = TimeSpan.FromSeconds(run.IsQuick ? 0.5 : 1.5);
        int turns = run.IsQuick ? 1 : 3;
        foreach (ServingPrecision precision in new[] { ServingPrecision.Float32, ServingPrecision.Int8 })
        {
            // A run for each thread, as a server of direct calls sets, and one run with all threads, as batches of many texts like it.
            using EmotionClassifier classifier = model.CreateClassifier(precision, new EmotionClassifierOptions { IntraOpThreads = 1 });
            using EmotionClassifier wide = model.CreateClassifier(precision, new EmotionClassifierOptions { IntraOpThreads = MeasurementRun.Threads, Concurrency = 1 });
            string side = ServingSide.Of(precision);
            foreach (int callers in Callers)
            {
                var direct = new List<CallerFigures>();
                var batched = new List<CallerFigures>();
                var batchedWide = new List<CallerFigures>();
                for (int round = 0; round < turns; round++)
                {
                    direct.Add(CallerLoop.Direct(classifier, run.Texts.Texts, callers, turn));
                    batched.Add(CallerLoop.Batched(classifier, run.Texts.Texts, callers, turn));
                    batchedWide.Add(CallerLoop.Batched(wide, run.Texts.Texts, callers, turn));
                }

                string name = callers.ToString(CultureInfo.InvariantCulture);
                Add(model.Name, $"{side} direct {name}", CallerFigures.Join(direct));
                Add(model.Name, $"{side} batched {name}", CallerFigures.Join(batched));
                Add(model.Name, $"{side} batched wide {name}", CallerFigures.Join(batchedWide));
            }

            double capacity = run.Figure(model.Name, $"{side} batched {Callers[^1]}", "texts/s");
            foreach (double load in Loads)
            {
                CallerFigures[] arrivals = [.. Enumerable.Range(0, turns).Select(round => CallerLoop.Arrivals(classifier, run.Texts.Texts, load * capacity, turn, seed: round))];
                Add(model.Name, string.Create(CultureInfo.InvariantCulture, $"{side} arrivals {load * 100:0}%"), CallerFigures.Join(arrivals));
            }
        }
    }

    private void Add(string model, string side, CallerFigures figures)
    {
        run.Add(model, side, "texts/s", figures.TextsPerSecond);
        foreach (int percent in new[] { 50, 95, 99 })
        {
            run.Add(model, side, string.Create(CultureInfo.InvariantCulture, $"p{percent} ms"), figures.Latencies.Quantile(percent / 100.0) * 1000);
        }
    }
}
