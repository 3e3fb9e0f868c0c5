using System.Diagnostics;
using System.Globalization;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>How long the engine takes with a written graph.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Texts">The number of texts, one call each.</param>
/// <param name="Tokens">Their tokens on average.</param>
/// <param name="MedianMilliseconds">The median of a call's time, from characters to probabilities.</param>
/// <param name="P95Milliseconds">The 95th percentile of it.</param>
/// <param name="TextsPerSecond">With all texts in one call, the median of some calls.</param>
internal sealed record GraphLatency(ModelVariant Variant, int Texts, double Tokens, double MedianMilliseconds, double P95Milliseconds, double TextsPerSecond)
{
    private const int MaxTexts = 512;
    private const int WarmUpTexts = 64;
    private const int BulkRuns = 5;

    /// <summary>Measures every variant that a model directory has, on the first split's texts or, without one, on the embedded sample's.</summary>
    public static IEnumerable<GraphLatency> Measure(string modelDirectory, IReadOnlyList<ServingPrecision> variants, IReadOnlyList<EvaluationSplit> splits)
    {
        EmotionDataset dataset = splits.Count > 0 ? splits[0].Dataset : SampleCorpus.Load().Dataset;
        string[] texts = [.. dataset.Take(MaxTexts).Select(example => example.Text)];
        foreach (EmotionClassifierOptions options in GraphEvaluation.OptionsOf(modelDirectory, variants))
        {
            using EmotionClassifier classifier = EmotionClassifier.Load(modelDirectory, options);
            yield return Measure(classifier, options.Variant, texts);
        }
    }

    /// <summary>The processor's name, as the system gives it.</summary>
    public static string Processor { get; } = FindProcessor();

    private static GraphLatency Measure(EmotionClassifier classifier, ModelVariant variant, string[] texts)
    {
        var probabilities = new float[texts.Length * classifier.Labels.Count];
        Span<float> one = probabilities.AsSpan(0, classifier.Labels.Count);
        foreach (string text in texts.Take(WarmUpTexts))
        {
            classifier.Score(text, one);
        }

        var times = new double[texts.Length];
        for (int index = 0; index < texts.Length; index++)
        {
            long start = Stopwatch.GetTimestamp();
            classifier.Score(texts[index], one);
            times[index] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        var rates = new double[BulkRuns];
        for (int run = 0; run < rates.Length; run++)
        {
            long start = Stopwatch.GetTimestamp();
            classifier.Score(texts, probabilities);
            rates[run] = texts.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(times);
        Array.Sort(rates);
        double tokens = texts.Average(text => Math.Min(classifier.Tokenizer.CountTokens(text), classifier.MaxLength));
        return new GraphLatency(variant, texts.Length, tokens, times[times.Length / 2], times[times.Length * 95 / 100], rates[rates.Length / 2]);
    }

    private static string FindProcessor()
    {
        const string Information = "/proc/cpuinfo";
        const string Key = "model name";
        string? name = File.Exists(Information)
            ? File.ReadLines(Information).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return string.IsNullOrEmpty(name) ? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString().ToLower(CultureInfo.InvariantCulture) : name;
    }
}
