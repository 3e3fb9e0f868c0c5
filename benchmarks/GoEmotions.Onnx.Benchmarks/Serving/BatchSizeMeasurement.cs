using System.Diagnostics;
using System.Globalization;
using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Graphs.Serving;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>Many texts at once by <see cref="EmotionClassifierOptions.MaxBatchTokens"/>: what the default rests on. The sizes take turns.</summary>
internal sealed class BatchSizeMeasurement(MeasurementRun run)
{
    public static IReadOnlyList<int> Sizes { get; } = [128, 256, 512, 1024, 2048, 4096, 8192];

    public void Run()
    {
        foreach ((BenchmarkModel model, int count, int rounds) in run.Models())
        {
            foreach (ServingPrecision precision in new[] { ServingPrecision.Float32, ServingPrecision.Int8 })
            {
                Measure(model, precision, run.Texts.Texts[..count], rounds);
            }
        }
    }

    private void Measure(BenchmarkModel model, ServingPrecision precision, string[] texts, int rounds)
    {
        EmotionClassifier[] classifiers = [.. Sizes.Select(size => model.CreateClassifier(precision, new EmotionClassifierOptions { MaxBatchTokens = size }))];
        try
        {
            var probabilities = new float[texts.Length * EmotionLabels.GoEmotions.Count];
            List<double>[] seconds = [.. classifiers.Select(_ => new List<double>())];
            for (int round = -1; round < rounds; round++)
            {
                for (int index = 0; index < classifiers.Length; index++)
                {
                    long start = Stopwatch.GetTimestamp();
                    classifiers[index].Score(texts, probabilities);
                    if (round >= 0)
                    {
                        seconds[index].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    }
                }
            }

            for (int index = 0; index < classifiers.Length; index++)
            {
                run.Add(model.Name, ServingSide.Of(precision), string.Create(CultureInfo.InvariantCulture, $"{Sizes[index]} tokens a batch texts/s"), texts.Length / seconds[index].Median());
            }
        }
        finally
        {
            Array.ForEach(classifiers, classifier => classifier.Dispose());
        }
    }
}
