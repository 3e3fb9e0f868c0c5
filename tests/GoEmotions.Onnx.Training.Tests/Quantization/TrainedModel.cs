using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Training.Tests.Quantization;

/// <summary>A 2x128 classifier trained for some seconds on texts whose labels are words of them. Shared by all tests of the room.</summary>
public sealed class TrainedModel
{
    public static EmotionLabels Labels { get; } = EmotionLabels.Create("animal", "food", "place");

    public TrainedModel()
    {
        Dataset = MakeTexts(400, seed: 1);
        Development = MakeTexts(300, seed: 2);
        Tokenizer = WordPieceTokenizer.Create(
            WordPieceTrainer.Train(Dataset.Select(example => example.Text), new WordPieceTrainerOptions { VocabularySize = 120 }), new WordPieceTokenizerOptions { MaxLength = 32 });
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, Tokenizer.IdCount, [.. Labels]) with { MaxPositionEmbeddings = 32, InitializerRange = 0.05 };
        using var trainer = new Trainer(Checkpoint.CreateRandom(config, 5), Tokenizer, Dataset, Development, new TrainingOptions { Epochs = 4, BatchSize = 8, MaxLength = 32, LearningRate = 1e-3 });
        TrainingResult result = trainer.Run(cancellationToken: TestContext.Current.CancellationToken);
        MicroF1 = result.Best!.Micro.F1;
        Checkpoint = new Checkpoint(config, result.BestParameters!, new CheckpointReport());
    }

    public EmotionDataset Dataset { get; }

    public EmotionDataset Development { get; }

    public WordPieceTokenizer Tokenizer { get; }

    public Checkpoint Checkpoint { get; }

    public double MicroF1 { get; }

    public IReadOnlyList<string> Texts => [.. Dataset.Select(example => example.Text)];

    /// <summary>Writes the model directory as training does, without any ONNX file.</summary>
    public void Save(string folder)
    {
        CheckpointDirectory.Save(Checkpoint, folder);
        TokenizerFiles.Write(Tokenizer, folder);
    }

    private static EmotionDataset MakeTexts(int count, int seed)
    {
        string[][] words = [["cat", "dog", "horse"], ["bread", "cheese", "apple"], ["town", "forest", "river"]];
        string[] filling = ["the", "a", "seen", "and", "was", "with", "here", "old", "new"];
        var random = new Random(seed);
        var examples = new List<EmotionExample>();
        for (int index = 0; index < count; index++)
        {
            LabelSet labels = default;
            var text = new List<string>();
            for (int label = 0; label < words.Length; label++)
            {
                if (random.Next(3) == 0)
                {
                    labels = labels.Add(label);
                    text.Add(words[label][random.Next(3)]);
                }
            }

            text.AddRange(Enumerable.Range(0, random.Next(1, 12)).Select(_ => filling[random.Next(filling.Length)]));
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text));
            examples.Add(new EmotionExample { Text = string.Join(' ', text), Labels = labels, Source = "test", LineNumber = index + 1 });
        }

        return EmotionDataset.Create(Labels, examples);
    }
}
