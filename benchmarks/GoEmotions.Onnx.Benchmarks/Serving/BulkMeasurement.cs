using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Export;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>
/// Many texts of real lengths, from characters to probabilities, by the engine and by its peers in turns: before each peer both
/// of ours, so that a machine that drifts is unfair to none. Nothing is timed before the scores agree.
/// </summary>
internal sealed class BulkMeasurement(MeasurementRun run)
{
    /// <summary>How far float32 probabilities of the same tokens may differ.</summary>
    private const double Agreement = 1e-4;

    /// <summary>OpenMP's threads, PyTorch's, wait in busy loops for 200 ms after their work.</summary>
    private const int RestMilliseconds = 300;

    private const int GemmRuns = 51;

    public void Run()
    {
        foreach ((BenchmarkModel model, int count, int rounds) in run.Models())
        {
            Measure(model, count, rounds);
        }
    }

    private void Measure(BenchmarkModel model, int count, int rounds)
    {
        string[] texts = run.Texts.Texts[..count];
        string folder = Directory.CreateTempSubdirectory("goemotions-serving-").FullName;
        var sides = new List<(string Name, Func<int, double> Run)>();
        var owned = new List<IDisposable>();
        try
        {
            WriteModelDirectory(model, texts, folder);
            float[] expected = Engine(ServingPrecision.Float32);
            RequireSpread(expected);
            float[] quantized = Engine(ServingPrecision.Int8);
            run.Add(model.Name, ServingSide.Int8, "largest difference", LargestDifference(expected, quantized, _ => true));
            var ordinary = new OrdinaryPipeline(model.Plain, Path.Combine(folder, "vocab.txt"), BenchmarkTexts.MaxLength, MeasurementRun.Threads);
            owned.Add(ordinary);
            AddOrdinary(ServingSide.PadTo128, padsToMaximum: true);
            AddOrdinary(ServingSide.PadToLongest, padsToMaximum: false);
            foreach ((string name, string program, string[] arguments) in PeerPrograms(folder))
            {
                if (!PeerProcess.TryStart(name, program, arguments, out PeerProcess? peer, out string? whyNot))
                {
                    run.Part.Notes[name] = $"not measured: {whyNot}";
                    Console.Error.WriteLine($"{name} {run.Part.Notes[name]}");
                    continue;
                }

                owned.Add(peer!);
                run.Part.Notes[name] = peer!.Versions;
                Check(name, expected, peer.Score(folder), _ => true);
                sides.Add((name, peer.Run));
            }

            Time(model, sides, count, rounds);

            void AddOrdinary(string name, bool padsToMaximum)
            {
                var probabilities = new float[expected.Length];
                ordinary.Score(texts, probabilities, padsToMaximum);
                var ids = new int[BenchmarkTexts.MaxLength];
                bool[] same = [.. texts.Select(text => ordinary.Encode(text).SequenceEqual(ids[..run.Texts.Tokenizer.Encode(text, ids, out _)]))];
                run.Add(model.Name, name, "texts with other ids", same.Count(isSame => !isSame));
                Check(name, expected, probabilities, text => same[text]);
                sides.Add((name, Timed(part => ordinary.Score(texts.AsSpan(0, part), probabilities.AsSpan(0, part * EmotionLabels.GoEmotions.Count), padsToMaximum))));
            }
        }
        finally
        {
            owned.ForEach(one => one.Dispose());
            Directory.Delete(folder, recursive: true);
        }

        float[] Engine(ServingPrecision precision)
        {
            EmotionClassifier classifier = model.CreateClassifier(precision);
            owned.Add(classifier);
            var probabilities = new float[count * classifier.Labels.Count];
            classifier.Score(texts, probabilities);
            sides.Add((ServingSide.Of(precision), Timed(part => classifier.Score(texts.AsSpan(0, part), probabilities))));
            return [.. probabilities];
        }

        void Check(string name, float[] expected, float[] probabilities, Func<int, bool> counts)
        {
            double difference = LargestDifference(expected, probabilities, counts);
            run.Add(model.Name, name, "largest difference", difference);
            if (!(difference <= Agreement))
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{name} and the engine differ by {difference:g3}, expected at most {Agreement:g1}: they do not compute the same."));
            }
        }
    }

    private void Time(BenchmarkModel model, List<(string Name, Func<int, double> Run)> sides, int count, int rounds)
    {
        using var floats = new GemmCeiling(int8: false, MeasurementRun.Threads);
        using var bytes = new GemmCeiling(int8: true, MeasurementRun.Threads);
        double floatRate = floats.Measure(GemmRuns);
        double byteRate = bytes.Measure(GemmRuns);
        var seconds = sides.ToDictionary(side => side.Name, _ => new List<double>());
        sides.ForEach(side => side.Run(int.Min(count, OrdinaryPipeline.BatchSize)));
        for (int round = 0; round < rounds; round++)
        {
            // The first two are ours.
            foreach (int peer in Enumerable.Range(2, sides.Count - 2))
            {
                foreach ((string name, Func<int, double> measured) in new[] { sides[0], sides[1], sides[peer] })
                {
                    seconds[name].Add(measured(count));
                    Thread.Sleep(RestMilliseconds);
                }
            }
        }

        // Before and after, the better one: a ceiling taken on a machine that was busy for a moment would be none.
        floatRate = Math.Max(floatRate, floats.Measure(GemmRuns));
        byteRate = Math.Max(byteRate, bytes.Measure(GemmRuns));
        run.Add(model.Name, "gemm", "fp32 GFLOP/s", floatRate / 1e9);
        run.Add(model.Name, "gemm", "int8 GOP/s", byteRate / 1e9);
        int[] lengths = [.. run.Texts.Texts[..count].Select(text => run.Texts.Tokenizer.CountTokens(text))];
        double operations = EncoderOperations.Count(model.Config, lengths);
        run.Add(model.Name, "bulk", "texts", count);
        run.Add(model.Name, "bulk", "tokens of a text", lengths.Average());
        foreach ((string name, List<double> times) in seconds)
        {
            double median = times.Median();
            run.Add(model.Name, name, "texts/s", count / median);
            run.Add(model.Name, name, "GFLOP/s", operations / median / 1e9);
            run.Add(model.Name, name, "share of ceiling", operations / median / (name == ServingSide.Int8 ? byteRate : floatRate));
        }
    }

    private static Func<int, double> Timed(Action<int> score) => count =>
    {
        long start = Stopwatch.GetTimestamp();
        score(count);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    };

    private static double LargestDifference(float[] expected, float[] actual, Func<int, bool> counts)
    {
        double largest = 0;
        for (int at = 0; at < expected.Length; at++)
        {
            if (counts(at / EmotionLabels.GoEmotions.Count))
            {
                largest = double.MaxMagnitude(largest, Math.Abs(expected[at] - actual[at]));
            }
        }

        return largest;
    }

    // Agreement says something only where texts differ by more than what is let pass.
    private static void RequireSpread(float[] probabilities)
    {
        int labels = EmotionLabels.GoEmotions.Count;
        double spread = Enumerable.Range(0, labels).Min(label =>
        {
            IEnumerable<float> column = Enumerable.Range(0, probabilities.Length / labels).Select(text => probabilities[(text * labels) + label]);
            return column.Max() - column.Min();
        });
        if (spread < 20 * Agreement)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the texts' probabilities of a label differ by only {spread:g3}, expected at least {20 * Agreement:g1}: the comparison of programs would show nothing."));
        }
    }

    private static IEnumerable<(string Name, string Program, string[] Arguments)> PeerPrograms(string folder)
    {
        string threads = MeasurementRun.Threads.ToString(CultureInfo.InvariantCulture);
        string batch = OrdinaryPipeline.BatchSize.ToString(CultureInfo.InvariantCulture);
        string benchmarks = Path.Combine(BenchmarkFiles.RepositoryRoot, "benchmarks");
        const string Comparison = "GoEmotions.Onnx.Training.Comparison";
        yield return (ServingSide.TorchSharp, "dotnet", [Path.Combine(benchmarks, Comparison, "bin", "Release", "net10.0", $"{Comparison}.dll"), "--serve", folder, threads, batch]);
        yield return (ServingSide.TransformersJs, "node", [Path.Combine(benchmarks, "node", "transformers", "serve.mjs"), folder, threads, batch]);
    }

    private static void WriteModelDirectory(BenchmarkModel model, string[] texts, string folder)
    {
        CheckpointDirectory.Save(model.Checkpoint, folder);
        TokenizerFiles.Write(model.Texts.Tokenizer, folder);
        string onnx = Directory.CreateDirectory(Path.Combine(folder, "onnx")).FullName;
        File.WriteAllBytes(Path.Combine(onnx, "model.onnx"), model.Plain);
        File.WriteAllText(Path.Combine(folder, "texts.json"), JsonSerializer.Serialize(texts));
    }
}
