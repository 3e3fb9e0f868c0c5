using System.Diagnostics;
using GoEmotions.Onnx.Benchmarks;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Batching;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>The trainer on GoEmotions' texts, beside what the times of single steps at their lengths predict.</summary>
/// <param name="Model">The encoder.</param>
/// <param name="BatchSize">The texts of a batch.</param>
/// <param name="SamplesPerSecond">Texts trained on per second.</param>
/// <param name="Predicted">The same as the step times predict it.</param>
/// <param name="MeanLength">Tokens of a text.</param>
internal sealed record RealData(string Model, int BatchSize, double SamplesPerSecond, double Predicted, double MeanLength)
{
    private const int MaxLength = 128;

    private static readonly int[] GridLengths = [8, 16, 24, 32, 48, 64];

    public static RealData Measure(EncoderSize size, int batchSize, int stepCount, int threads)
    {
        var shape = new StepCase(size, batchSize, MaxLength, 0);
        EncoderConfig config = shape.Config;
        EmotionDataset texts = ReadTexts(config, batchSize * stepCount);
        var tokenizer = WordPieceTokenizer.Load(BenchmarkFiles.Shared("data/bert-base-uncased/vocab.txt"), new WordPieceTokenizerOptions { MaxLength = MaxLength });
        var options = new TrainingOptions { BatchSize = batchSize, MaxLength = MaxLength, Epochs = 1, Threads = threads };
        using var trainer = new Trainer(Checkpoint.CreateRandom(config, 1), tokenizer, texts, texts.Select([0]), options);
        TrainingProgress? last = null;
        TrainingProgress? warm = null;
        int warmSteps = Math.Max(2, stepCount / 10);
        trainer.Run(new TrainingRunOptions { OnStep = progress => (warm, last) = (progress.StepNumber <= warmSteps ? progress : warm, progress) });
        double rate = (last!.Samples - warm!.Samples) / (last.TrainingTime - warm.TrainingTime).TotalSeconds;
        var lengths = EncodedDataset.Encode(texts, tokenizer, MaxLength).Lengths;
        int[][] batches = [.. LengthGroupedBatches.Plan(lengths, batchSize, null, options.Seed, 0).Skip(warmSteps)];
        double[] grid = StepMilliseconds(config, batchSize, threads);
        double predictedSeconds = batches.Sum(batch => Interpolate(grid, batch.Max(example => lengths[example])) * batch.Length / batchSize) / 1000;
        return new RealData(shape.Model, batchSize, rate, batches.Sum(batch => batch.Length) / predictedSeconds, lengths.Average());
    }

    private static EmotionDataset ReadTexts(EncoderConfig config, int count) => EmotionDataset.Create(
        EmotionLabels.Create([.. config.Labels]),
        [.. File.ReadLines(BenchmarkFiles.Shared("data/goemotions/train.tsv")).Take(count).Select((line, index) =>
        {
            string[] columns = line.Split('\t');
            LabelSet labels = default;
            foreach (string label in columns[1].Split(','))
            {
                labels = labels.Add(int.Parse(label, System.Globalization.CultureInfo.InvariantCulture));
            }

            return new EmotionExample { Text = columns[0], Labels = labels, Source = "train.tsv", LineNumber = index + 1 };
        })]);

    private static double[] StepMilliseconds(EncoderConfig config, int batchSize, int threads)
    {
        using var steps = new OurSteps(config, batchSize * GridLengths[^1], threads);
        var times = GridLengths.Select(_ => new List<double>()).ToArray();
        for (int round = -1; round < 7; round++)
        {
            for (int index = 0; index < GridLengths.Length; index++)
            {
                (int[][] ids, float[] targets) = new StepCase(EncoderSize.Tiny, batchSize, GridLengths[index], 0).RandomTexts(round + 1);
                long start = Stopwatch.GetTimestamp();
                steps.Step(ids, targets);
                if (round >= 0)
                {
                    times[index].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
        }

        return [.. times.Select(StepTiming.Median)];
    }

    private static double Interpolate(double[] milliseconds, int length)
    {
        int right = Math.Clamp(Array.FindIndex(GridLengths, grid => grid >= length), 1, GridLengths.Length - 1);
        right = length > GridLengths[^1] ? GridLengths.Length - 1 : right;
        double part = (double)(length - GridLengths[right - 1]) / (GridLengths[right] - GridLengths[right - 1]);
        return milliseconds[right - 1] + (part * (milliseconds[right] - milliseconds[right - 1]));
    }
}
