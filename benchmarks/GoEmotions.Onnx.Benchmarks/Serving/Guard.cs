using System.Diagnostics;
using System.Globalization;
using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>
/// The short run of CI: fails where a call that promises to allocate nothing allocates, or where the engine's lead over the usual
/// pipeline, in turns in the same run, falls below the committed floor. It needs nothing but this program.
/// </summary>
internal static class Guard
{
    private const int TextCount = 256;

    /// <summary>How many of the texts the padded pipeline gets: every one costs it the same.</summary>
    private const int PaddedTexts = 64;

    private const int Rounds = 5;
    private const int GemmRuns = 21;

    /// <summary>Runs it; a line for each finding, on standard error where it is a fault.</summary>
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        GuardFloors floors = GuardFloors.Load();
        BenchmarkTexts texts = BenchmarkTexts.Load(TextCount, always: true);
        string[] faults = [.. Allocations(texts).Concat(Ratios(texts, floors))];
        foreach (string fault in faults)
        {
            Console.Error.WriteLine($"BenchGuard: {fault}");
        }

        return faults.Length == 0 ? 0 : 1;
    }

    private static IEnumerable<string> Allocations(BenchmarkTexts texts)
    {
        foreach ((string call, double bytes) in new AllocationMeasurement(texts).Run())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{call}: {bytes:0.###} managed bytes a call"));
            if (bytes > 0)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{call} allocates {bytes:0.###} managed bytes a call, expected 0.");
            }
        }
    }

    private static IEnumerable<string> Ratios(BenchmarkTexts texts, GuardFloors floors)
    {
        double bytesOverFloats = BytesOverFloats();
        bool hasFastBytes = bytesOverFloats >= floors.FastBytes;
        var model = new BenchmarkModel(EncoderSize.Small, texts);
        string vocabulary = Path.GetTempFileName();
        var secondsOfAText = new Dictionary<string, List<double>> { [ServingSide.Float32] = [], [ServingSide.Int8] = [], [ServingSide.PadTo128] = [] };
        try
        {
            texts.Tokenizer.Vocabulary.Save(vocabulary);
            using var ordinary = new OrdinaryPipeline(model.Plain, vocabulary, BenchmarkTexts.MaxLength, MeasurementRun.Threads);
            using EmotionClassifier floats = model.CreateClassifier(ServingPrecision.Float32);
            using EmotionClassifier bytes = model.CreateClassifier(ServingPrecision.Int8);
            var probabilities = new float[texts.Texts.Length * EmotionLabels.GoEmotions.Count];
            for (int round = -1; round < Rounds; round++)
            {
                Time(ServingSide.Float32, TextCount, round, () => floats.Score(texts.Texts, probabilities));
                Time(ServingSide.Int8, TextCount, round, () => bytes.Score(texts.Texts, probabilities));
                Time(ServingSide.PadTo128, PaddedTexts, round, () => ordinary.Score(texts.Texts.AsSpan(0, PaddedTexts), probabilities.AsSpan(0, PaddedTexts * EmotionLabels.GoEmotions.Count), padsToMaximum: true));
            }
        }
        finally
        {
            File.Delete(vocabulary);
        }

        foreach ((string side, double floor, bool applies) in new[] { (ServingSide.Float32, floors.Float32, true), (ServingSide.Int8, floors.Int8, hasFastBytes) })
        {
            double ratio = secondsOfAText[ServingSide.PadTo128].Median() / secondsOfAText[side].Median();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{side}: {ratio:0.0} times the pipeline padded to 128, floor {floor:0.0}{(applies ? "" : $" not applied: this processor multiplies bytes only {bytesOverFloats:0.0} times as fast as floats (below {floors.FastBytes:0.0})")}"));
            if (applies && ratio < floor)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{side} scores {ratio:0.0} times as fast as the pipeline padded to 128, expected at least {floor:0.0} (benchmarks/guard.json).");
            }
        }

        void Time(string side, int count, int round, Action score)
        {
            long start = Stopwatch.GetTimestamp();
            score();
            if (round >= 0)
            {
                secondsOfAText[side].Add(Stopwatch.GetElapsedTime(start).TotalSeconds / count);
            }
        }
    }

    private static double BytesOverFloats()
    {
        using var floats = new GemmCeiling(int8: false, MeasurementRun.Threads);
        using var bytes = new GemmCeiling(int8: true, MeasurementRun.Threads);
        return bytes.Measure(GemmRuns) / floats.Measure(GemmRuns);
    }
}
