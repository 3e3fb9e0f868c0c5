using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Training.Tests;

/// <summary>A training that takes moments. Compiled into the tests and into the program that they kill.</summary>
internal static class SmallTraining
{
    public static EmotionLabels Labels { get; } = EmotionLabels.Create("animal", "food");

    /// <summary>The label is a word of the text: what any classifier can learn.</summary>
    public static EmotionDataset Dataset { get; } = EmotionDataset.Create(Labels, [.. Texts().Select((pair, index) => new EmotionExample { Text = pair.Text, Labels = pair.Labels, Source = "test", LineNumber = index + 1 })]);

    public static WordPieceTokenizer Tokenizer { get; } = WordPieceTokenizer.Create(
        WordPieceTrainer.Train(Dataset.Select(example => example.Text), new WordPieceTrainerOptions { VocabularySize = 120 }), new WordPieceTokenizerOptions { MaxLength = 32 });

    /// <summary>All that has a state: dropout, clipping, evaluations between the epochs' ends, early stopping, several threads.</summary>
    public static TrainingOptions Options { get; } = new()
    {
        Epochs = 3,
        BatchSize = 16,
        MaxLength = 32,
        LearningRate = 5e-3,
        ClipNorm = 0.5,
        EvaluationSteps = 3,
        Patience = 2,
        BestMetric = BestMetric.Loss,
        Threads = 2,
    };

    public static EncoderSize Smallest { get; } = new("smallest", 2, 16, 2);

    public static EncoderConfig ConfigOf(EncoderSize size) => EncoderConfig.Create(size, Tokenizer.IdCount, [.. Labels]) with { MaxPositionEmbeddings = 32, InitializerRange = 0.05 };

    public static Trainer Create(TrainingOptions options, EncoderSize? size = null, Distillation? distillation = null) =>
        new(Checkpoint.CreateRandom(ConfigOf(size ?? Smallest), 1), Tokenizer, Dataset, Dataset, options, distillation);

    private static IEnumerable<(string Text, LabelSet Labels)> Texts()
    {
        string[] animals = ["cat", "dog", "horse", "crow"];
        string[] foods = ["bread", "soup", "rice", "plum"];
        string[] rest = ["the", "a", "my", "one", "very", "old", "new", "red", "here", "there"];
        var random = new DeterministicRandom(3);
        for (int index = 0; index < 160; index++)
        {
            LabelSet labels = default;
            List<string> words = [.. Enumerable.Range(0, 2 + random.Next(6)).Select(_ => rest[random.Next(rest.Length)])];
            if (random.Next(2) == 0)
            {
                words.Insert(random.Next(words.Count), animals[random.Next(animals.Length)]);
                labels = labels.Add(0);
            }

            if (random.Next(2) == 0)
            {
                words.Insert(random.Next(words.Count), foods[random.Next(foods.Length)]);
                labels = labels.Add(1);
            }

            yield return (string.Join(' ', words), labels);
        }
    }
}
