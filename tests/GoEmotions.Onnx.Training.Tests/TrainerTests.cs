using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Optimization;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Training.Tests;

public sealed class TrainerTests
{
    private static readonly EmotionLabels Labels = EmotionLabels.Create("animal", "food");

    // The label is a word of the text: what any classifier can learn.
    private static readonly EmotionDataset Dataset = EmotionDataset.Create(Labels, [.. Texts().Select(pair => new EmotionExample { Text = pair.Text, Labels = pair.Labels, Source = "test", LineNumber = 1 })]);

    private static readonly WordPieceTokenizer Tokenizer = WordPieceTokenizer.Create(
        WordPieceTrainer.Train(Dataset.Select(example => example.Text), new WordPieceTrainerOptions { VocabularySize = 120 }), new WordPieceTokenizerOptions { MaxLength = 32 });

    private static readonly EncoderConfig Config = EncoderConfig.Create(EncoderSize.Tiny, Tokenizer.IdCount, [.. Labels]) with { MaxPositionEmbeddings = 32, InitializerRange = 0.05 };

    private static readonly TrainingOptions Options = new() { Epochs = 6, BatchSize = 8, MaxLength = 32, LearningRate = 1e-3, BestMetric = BestMetric.Loss };

    [Fact]
    public void Trainer_LabelsThatAreWordsOfTheText_AreLearned()
    {
        using Trainer trainer = Create(Options);
        TrainingResult result = Run(trainer);
        Assert.Equal(6, result.Epochs.Count);
        EpochResult best = result.Epochs[result.BestEpochNumber - 1];
        Assert.True(best.IsBest);
        Assert.True(best.Evaluation.Micro.F1 > 0.95, $"micro F1 is {best.Evaluation.Micro.F1}");
        Assert.Equal(result.Epochs.Min(epoch => epoch.Evaluation.Loss), best.Evaluation.Loss);
    }

    [Fact]
    public void Trainer_SameSeed_GivesTheSameBits()
    {
        TrainingOptions options = Options with { Epochs = 2, Threads = 2 };
        float[] first = Flat(options);
        Assert.Equal(first, Flat(options));
        Assert.NotEqual(first, Flat(options with { Seed = 43 }));
    }

    [Fact]
    public void Trainer_TokenDropout_GivesOtherParametersAndTheSameBitsEachTime()
    {
        TrainingOptions options = Options with { MaxSteps = 5, Threads = 2 };
        float[] dropped = Flat(options with { TokenDropout = 0.3 });
        Assert.Equal(dropped, Flat(options with { TokenDropout = 0.3 }));
        Assert.NotEqual(dropped, Flat(options));
        Assert.Equal("TokenDropout", Assert.Throws<ArgumentOutOfRangeException>(() => Create(options with { TokenDropout = 1 })).ParamName);
    }

    [Fact]
    public void Trainer_BestParameters_AreThoseOfTheBestEpochAndNotOfTheLast()
    {
        // A learning rate that is far too high from the first step on: what is best is decided by the first epochs.
        using Trainer trainer = Create(Options with { Epochs = 3, LearningRate = 0.05, WarmupFraction = 0, Schedule = LearningRateScheduleKind.Constant });
        TrainingResult result = Run(trainer);
        using Trainer again = Create(Options with { Epochs = 3, LearningRate = 0.05, WarmupFraction = 0, Schedule = LearningRateScheduleKind.Constant, MaxSteps = result.Epochs[result.BestEpochNumber - 1].StepNumber });
        TrainingResult shorter = Run(again);
        Assert.Equal(result.BestEpochNumber, shorter.BestEpochNumber);
        Assert.All(result.BestParameters, parameter => Assert.Equal(parameter.Values.ToArray(), shorter.BestParameters[parameter.Name].Values.ToArray()));
    }

    [Fact]
    public void Trainer_MaxSteps_EndsInTheMiddleOfAnEpoch()
    {
        var steps = new List<TrainingProgress>();
        using Trainer trainer = Create(Options with { MaxSteps = 7 });
        TrainingResult result = trainer.Run(steps.Add, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 7), steps.Select(step => step.StepNumber));
        Assert.All(steps, step => Assert.Equal(7, step.StepCount));
        Assert.Equal(7, Assert.Single(result.Epochs).StepNumber);
    }

    [Fact]
    public void Trainer_Patience_EndsWhenNothingGetsBetter()
    {
        // Without a step that moves anything the loss never changes after the first epoch.
        using Trainer trainer = Create(Options with { Epochs = 10, LearningRate = 1e-30, Patience = 2 });
        Assert.Equal(3, Run(trainer).Epochs.Count);
    }

    [Fact]
    public void Trainer_LossThatOverflows_StopsAndSaysWhere()
    {
        using Trainer trainer = Create(Options with { LearningRate = 1e30, WarmupFraction = 0 });
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Run(trainer));
        Assert.Matches("^the (loss|norm of the gradients) is (NaN|Infinity) at step [0-9]+ of epoch [0-9]+, expected a finite number", error.Message);
    }

    [Fact]
    public void Trainer_Cancelled_EndsBeforeTheNextStep()
    {
        using var cancellation = new CancellationTokenSource();
        int steps = 0;
        using Trainer trainer = Create(Options);
        Assert.Throws<OperationCanceledException>(() => trainer.Run(
            progress =>
            {
                steps++;
                cancellation.Cancel();
            },
            cancellationToken: cancellation.Token));
        Assert.Equal(1, steps);
    }

    [Fact]
    public void Trainer_WhatDoesNotFit_IsRefused()
    {
        Checkpoint checkpoint = Checkpoint.CreateRandom(Config, 1);
        EmotionDataset empty = Dataset.Select([]);
        Assert.Contains("expected at least one of each", Assert.Throws<ArgumentException>(() => new Trainer(checkpoint, Tokenizer, empty, Dataset, Options)).Message);
        Checkpoint otherLabels = Checkpoint.CreateRandom(Config with { Labels = ["a", "b", "c"] }, 1);
        Assert.Contains("the same ones in the same order", Assert.Throws<ArgumentException>(() => new Trainer(otherLabels, Tokenizer, Dataset, Dataset, Options)).Message);
        Checkpoint smallVocabulary = Checkpoint.CreateRandom(Config with { VocabularySize = 50 }, 1);
        Assert.Contains("the word embeddings have 50 rows", Assert.Throws<ArgumentException>(() => new Trainer(smallVocabulary, Tokenizer, Dataset, Dataset, Options)).Message);
        Assert.Contains("the checkpoint takes at most 32", Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer(checkpoint, Tokenizer, Dataset, Dataset, Options with { MaxLength = 33 })).Message);
        Assert.Equal("LearningRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer(checkpoint, Tokenizer, Dataset, Dataset, Options with { LearningRate = double.NaN })).ParamName);
    }

    private static float[] Flat(TrainingOptions options)
    {
        using Trainer trainer = Create(options);
        return [.. Run(trainer).BestParameters.SelectMany(parameter => parameter.Values.ToArray())];
    }

    private static TrainingResult Run(Trainer trainer) => trainer.Run(cancellationToken: TestContext.Current.CancellationToken);

    private static Trainer Create(TrainingOptions options) => new(Checkpoint.CreateRandom(Config, 1), Tokenizer, Dataset, Dataset, options);

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
