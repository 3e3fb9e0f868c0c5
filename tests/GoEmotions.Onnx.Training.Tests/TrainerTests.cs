using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests;

public sealed class TrainerTests
{
    private static readonly EmotionDataset Dataset = SmallTraining.Dataset;

    private static readonly WordPieceTokenizer Tokenizer = SmallTraining.Tokenizer;

    private static readonly EncoderConfig Config = SmallTraining.ConfigOf(EncoderSize.Tiny);

    private static readonly TrainingOptions Options = new() { Epochs = 6, BatchSize = 8, MaxLength = 32, LearningRate = 1e-3, BestMetric = BestMetric.Loss };

    [Fact]
    public void Trainer_LabelsThatAreWordsOfTheText_AreLearned()
    {
        using Trainer trainer = Create(Options);
        TrainingResult result = Run(trainer);
        Assert.Equal(TrainingEnd.AllSteps, result.End);
        Assert.Equal([1, 2, 3, 4, 5, 6], result.Evaluations.Select(evaluation => evaluation.EpochNumber));
        EvaluationRecord best = result.Best!;
        Assert.Same(result.Evaluations[best.Number - 1], best);
        Assert.True(best.IsBest);
        Assert.True(best.Micro.F1 > 0.95, $"micro F1 is {best.Micro.F1}");
        Assert.Equal(result.Evaluations.Min(evaluation => evaluation.Loss), best.Loss);
    }

    [Fact]
    public void Trainer_SameSeed_GivesTheSameBits()
    {
        TrainingOptions options = Options with { Epochs = 2, Threads = 2 };
        float[] first = Flat(options);
        Assert.Equal(first, Flat(options));
        Assert.NotEqual(first, Flat(options with { Seed = 43 }));

        static float[] Flat(TrainingOptions options)
        {
            using Trainer trainer = Create(options);
            return [.. Run(trainer).BestParameters!.SelectMany(parameter => parameter.Values.ToArray())];
        }
    }

    [Fact]
    public void Trainer_TokenDropout_GivesOtherParametersAndTheSameBitsEachTime()
    {
        TrainingOptions options = Options with { MaxSteps = 5, Threads = 2 };
        float[] dropped = Flat(options with { TokenDropout = 0.3 }).Parameters;
        Assert.Equal(dropped, Flat(options with { TokenDropout = 0.3 }).Parameters);
        Assert.NotEqual(dropped, Flat(options).Parameters);
        Assert.Equal("TokenDropout", Assert.Throws<ArgumentOutOfRangeException>(() => Create(options with { TokenDropout = 1 })).ParamName);
    }

    [Fact]
    public void Trainer_BestParameters_AreThoseOfTheBestEpochAndNotOfTheLast()
    {
        // A learning rate that is far too high from the first step on: what is best is decided by the first epochs.
        using Trainer trainer = Create(Options with { Epochs = 3, LearningRate = 0.05, WarmupFraction = 0, Schedule = LearningRateScheduleKind.Constant });
        TrainingResult result = Run(trainer);
        using Trainer again = Create(Options with { Epochs = 3, LearningRate = 0.05, WarmupFraction = 0, Schedule = LearningRateScheduleKind.Constant, MaxSteps = result.Best!.StepNumber });
        TrainingResult shorter = Run(again);
        Assert.Equal(result.Best.Number, shorter.Best!.Number);
        Assert.All(result.BestParameters!, parameter => Assert.Equal(parameter.Values.ToArray(), shorter.BestParameters![parameter.Name].Values.ToArray()));
    }

    [Fact]
    public void Trainer_MaxSteps_EndsInTheMiddleOfAnEpoch()
    {
        var steps = new List<TrainingProgress>();
        using Trainer trainer = Create(Options with { MaxSteps = 7 });
        TrainingResult result = trainer.Run(new TrainingRunOptions { OnStep = steps.Add }, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 7), steps.Select(step => step.StepNumber));
        Assert.All(steps, step => Assert.Equal(7, step.StepCount));
        Assert.Equal(7, Assert.Single(result.Evaluations).StepNumber);
        Assert.Equal(7, trainer.StepCount);
    }

    [Fact]
    public void Trainer_Patience_EndsWhenNothingGetsBetter()
    {
        // Without a step that moves anything the loss never changes after the first epoch.
        using Trainer trainer = Create(Options with { Epochs = 10, LearningRate = 1e-30, Patience = 2 });
        TrainingResult result = Run(trainer);
        Assert.Equal(TrainingEnd.Patience, result.End);
        Assert.Equal(3, result.Evaluations.Count);
    }

    [Fact]
    public void Trainer_LossThatOverflows_StopsAndSaysWhere()
    {
        using Trainer trainer = Create(Options with { LearningRate = 1e30, WarmupFraction = 0 });
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Run(trainer));
        Assert.Matches("^the (loss|norm of the gradients) is (NaN|Infinity) at step [0-9]+, expected a finite number", error.Message);
    }

    [Fact]
    public void Trainer_Cancelled_EndsAfterTheStepAndGoesOnWhenRunAgain()
    {
        using var cancellation = new CancellationTokenSource();
        int steps = 0;
        using Trainer trainer = Create(Options with { MaxSteps = 3 });
        TrainingResult cancelled = trainer.Run(
            new TrainingRunOptions
            {
                OnStep = progress =>
                {
                    steps++;
                    cancellation.Cancel();
                },
            },
            cancellation.Token);
        Assert.Equal(1, steps);
        Assert.Equal(TrainingEnd.Cancelled, cancelled.End);
        Assert.Equal(1, cancelled.StepNumber);
        Assert.Null(cancelled.BestParameters);
        Assert.Null(cancelled.Best);
        Assert.Equal(TrainingEnd.AllSteps, Run(trainer).End);
    }

    [Fact]
    public void Trainer_EvaluationSteps_EvaluatesAfterEachSoManyAndAfterTheLast()
    {
        using Trainer trainer = Create(Options with { MaxSteps = 11, EvaluationSteps = 4 });
        Assert.Equal([4, 8, 11], Run(trainer).Evaluations.Select(evaluation => evaluation.StepNumber));
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
        ArgumentOutOfRangeException noRoom = Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer(checkpoint, Tokenizer, Dataset, Dataset, Options with { MaxBatchTokens = 5 }));
        Assert.Matches("^MaxBatchTokens is 5, but the text at test:[0-9]+ has [0-9]+ tokens, expected room for one text at least. Raise MaxBatchTokens or lower MaxLength.", noRoom.Message);
        Assert.Equal("LearningRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer(checkpoint, Tokenizer, Dataset, Dataset, Options with { LearningRate = double.NaN })).ParamName);
    }

    [Fact]
    public void Trainer_Accumulation_TakesFewerStepsAndGivesTheSameBits()
    {
        // 160 texts in 20 batches of 8: 7 steps of 3 batches, the last of 2.
        TrainingOptions options = Options with { Epochs = 1, AccumulationSteps = 3 };
        (List<TrainingProgress> steps, float[] first) = Flat(options);
        Assert.Equal(7, steps.Count);
        Assert.All(steps, step => Assert.Equal(7, step.StepCount));
        Assert.Equal([24, 48, 72, 96, 120, 144, 160], steps.Select(step => step.Samples));
        Assert.Equal(first, Flat(options).Parameters);
        Assert.NotEqual(first, Flat(options with { AccumulationSteps = 1 }).Parameters);
    }

    [Fact]
    public void Trainer_ThroughSessions_TrainsAsOnTheProcessor()
    {
        TrainingOptions options = Options with { Epochs = 2, Dropout = false, AccumulationSteps = 2 };
        (List<TrainingProgress> expectedSteps, float[] expected) = Flat(options);
        (List<TrainingProgress> foundSteps, float[] found) = Flat(options with { Device = TrainingDevice.CpuThroughSessions });
        Assert.Equal(expectedSteps.Count, foundSteps.Count);
        Assert.All(expectedSteps.Zip(foundSteps), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-4));

        // AdamW divides by the root of the squared gradients: where these are but rounding, 20 steps of 0.001 may differ by several
        // percent of a step.
        float worst = expected.Zip(found, (e, f) => float.IsFinite(f) ? Math.Abs(e - f) : float.PositiveInfinity).Max();
        Assert.True(worst <= 1e-3, $"a parameter differs by {worst}");
    }

    [Fact]
    public void Trainer_ThroughSessions_DrawsDropoutFromTheSeed()
    {
        TrainingOptions options = Options with { Epochs = 1, Device = TrainingDevice.CpuThroughSessions };
        float[] first = Flat(options).Parameters;
        Assert.Equal(first, Flat(options).Parameters);
        Assert.NotEqual(first, Flat(options with { Dropout = false }).Parameters);
    }

    private static (List<TrainingProgress> Steps, float[] Parameters) Flat(TrainingOptions options)
    {
        var steps = new List<TrainingProgress>();
        using Trainer trainer = Create(options);
        TrainingResult result = trainer.Run(new TrainingRunOptions { OnStep = steps.Add }, TestContext.Current.CancellationToken);
        return (steps, [.. result.BestParameters!.SelectMany(parameter => parameter.Values.ToArray())]);
    }

    private static TrainingResult Run(Trainer trainer) => trainer.Run(cancellationToken: TestContext.Current.CancellationToken);

    private static Trainer Create(TrainingOptions options) => SmallTraining.Create(options, EncoderSize.Tiny);
}
