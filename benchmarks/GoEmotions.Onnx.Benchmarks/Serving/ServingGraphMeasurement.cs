using System.Diagnostics;
using System.Globalization;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>
/// Compares the forms of the graph in one run: they take turns, so that a machine that drifts is unfair to none, and the median of
/// each is printed. Random weights: speed does not depend on them.
/// </summary>
internal static class ServingGraphMeasurement
{
    private const int BatchTokens = 2048;

    private static readonly (int Texts, int Tokens)[] Shapes = [(1, 16), (1, 32), (1, 128), (8, 32), (32, 24)];

    public static void Run(string[] args)
    {
        int threads = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Create(Vocabulary.Load(BenchmarkFiles.Shared("data/bert-base-uncased/vocab.txt")), new WordPieceTokenizerOptions { MaxLength = 128 });
        string[] texts = BenchmarkFiles.DevTexts();
        Console.WriteLine($"{threads} threads, {DateTime.UtcNow:yyyy-MM-dd}");
        foreach ((EncoderSize size, int bulkTexts) in new[] { (EncoderSize.Small, 1024), (EncoderSize.Base, 256) })
        {
            Measure(size, bulkTexts, tokenizer, texts, threads);
        }
    }

    private static void Measure(EncoderSize size, int bulkTexts, WordPieceTokenizer tokenizer, string[] texts, int threads)
    {
        EncoderConfig config = EncoderConfig.Create(size, tokenizer.IdCount, [.. EmotionLabels.GoEmotions]);
        Checkpoint checkpoint = Checkpoint.CreateRandom(config, seed: 1);
        QuantizationOptions quantization = ActivationCalibrator.Calibrate(checkpoint, tokenizer, texts.Take(64));
        GraphSession[] sessions =
        [
            new("plain", ClassifierGraph.FromCheckpoint(checkpoint).ToModel(), threads),
            Serving("padded fp32", new ServingGraphOptions { Form = ServingForm.Padded }),
            Serving("packed fp32", new ServingGraphOptions()),
            Serving("padded int8", new ServingGraphOptions { Form = ServingForm.Padded, Precision = ServingPrecision.Int8, Quantization = quantization }),
            Serving("packed int8", new ServingGraphOptions { Precision = ServingPrecision.Int8, Quantization = quantization }),
            Serving("packed int8, head too", new ServingGraphOptions { Precision = ServingPrecision.Int8, Quantization = quantization with { QuantizesHead = true } }),
        ];
        using var floats = new GemmCeiling(int8: false, threads);
        using var bytes = new GemmCeiling(int8: true, threads);
        try
        {
            double floatRate = floats.Measure(51);
            double byteRate = bytes.Measure(51);
            Console.WriteLine($"\n## {size.LayerCount} x {size.HiddenSize}\n");
            Console.WriteLine("| form | " + string.Join(" | ", Shapes.Select(shape => $"{shape.Texts}x{shape.Tokens} ms")) + $" | {bulkTexts} dev texts/s | share of the GEMM |");
            Console.WriteLine("|---" + string.Concat(Enumerable.Repeat("|---:", Shapes.Length + 2)) + "|");
            var random = new Random(2);
            double[][] columns = [.. Shapes.Select(shape =>
            {
                using var batch = new GraphBatch([.. Enumerable.Range(0, shape.Texts).Select(_ => Enumerable.Range(0, shape.Tokens).Select(_ => random.Next(1000, 30000)).ToArray())]);
                return Median(sessions, [batch], secondsPerSession: 2, leastRuns: 5);
            })];
            GraphBatch[] bulk = [.. Batches(texts.Take(bulkTexts), tokenizer)];
            double[] bulkSeconds = Median(sessions, bulk, secondsPerSession: 0, leastRuns: 3);

            // Before and after, the better one: a ceiling taken on a machine that was busy for a moment would be none.
            floatRate = Math.Max(floatRate, floats.Measure(51));
            byteRate = Math.Max(byteRate, bytes.Measure(51));
            double operations = bulk.Sum(batch => batch.Operations(config));
            for (int index = 0; index < sessions.Length; index++)
            {
                double ceiling = sessions[index].Name.Contains("int8", StringComparison.Ordinal) ? byteRate : floatRate;
                Console.WriteLine($"| {sessions[index].Name} | " + string.Join(" | ", columns.Select(column => $"{column[index] * 1000:0.000}")) + $" | {bulkTexts / bulkSeconds[index]:0} | {operations / bulkSeconds[index] / ceiling:0%} |");
            }

            Console.WriteLine($"\nMatMul 512x768x3072: fp32 {floatRate / 1e9:0} GFLOP/s, u8 x s8 {byteRate / 1e9:0} GOP/s");
            Array.ForEach(bulk, batch => batch.Dispose());
        }
        finally
        {
            Array.ForEach(sessions, session => session.Dispose());
        }

        GraphSession Serving(string name, ServingGraphOptions options) => new(name, ServingGraph.FromCheckpoint(checkpoint, options).ToModel(), threads);
    }

    // Sorted by length, at most so many padded tokens: the forms see the same batches.
    private static IEnumerable<GraphBatch> Batches(IEnumerable<string> texts, WordPieceTokenizer tokenizer)
    {
        var buffer = new int[128];
        int[][] encoded = [.. texts.Select(text => buffer[..tokenizer.Encode(text, buffer, out _)]).OrderBy(ids => ids.Length)];
        for (int start = 0; start < encoded.Length;)
        {
            int end = start + 1;
            while (end < encoded.Length && (end - start + 1) * encoded[end].Length <= BatchTokens)
            {
                end++;
            }

            yield return new GraphBatch(encoded[start..end]);
            start = end;
        }
    }

    // One run of each form after the other, until every form has had its time.
    private static double[] Median(GraphSession[] sessions, GraphBatch[] batches, double secondsPerSession, int leastRuns)
    {
        List<double>[] seconds = [.. sessions.Select(_ => new List<double>())];
        for (int round = -1; round < leastRuns || seconds.Any(times => times.Sum() < secondsPerSession); round++)
        {
            for (int index = 0; index < sessions.Length; index++)
            {
                long start = Stopwatch.GetTimestamp();
                foreach (GraphBatch batch in batches)
                {
                    sessions[index].Run(batch);
                }

                if (round >= 0)
                {
                    seconds[index].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }

        return [.. seconds.Select(times => times.Order().ElementAt(times.Count / 2))];
    }
}
