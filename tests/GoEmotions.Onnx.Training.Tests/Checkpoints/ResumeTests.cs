using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Checkpoints;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests.Checkpoints;

public sealed class ResumeTests
{
    [Fact]
    public void Trainer_StoppedAfterAnyStepAndResumed_EndsToTheBitAsTheUninterruptedRun()
    {
        using var temporary = new TemporaryFolder();
        var expectedSteps = new List<TrainingProgress>();
        using CheckpointFolder whole = CheckpointFolder.Open(temporary["whole"]);
        using Trainer uninterrupted = SmallTraining.Create(SmallTraining.Options);
        TrainingResult expected = uninterrupted.Run(new TrainingRunOptions { Checkpoints = whole, OnStep = expectedSteps.Add }, TestContext.Current.CancellationToken);

        // The training has what is to be proven: epochs begun anew, a best that is not the last, and an early end.
        Assert.Equal(TrainingEnd.Patience, expected.End);
        Assert.True(expected.StepNumber > uninterrupted.StepCount / 3 && expected.StepNumber < uninterrupted.StepCount, $"it ended at step {expected.StepNumber} of {uninterrupted.StepCount}");
        Assert.Contains(expected.Evaluations.Skip(1), evaluation => evaluation.IsBest);
        CheckpointContent content = CheckpointContent.Read(expected.CheckpointPath!);
        for (int stop = 1; stop <= expected.StepNumber; stop++)
        {
            using CheckpointFolder folder = CheckpointFolder.Open(temporary[$"stopped-{stop}"]);
            var steps = new List<TrainingProgress>();
            TrainingResult stopped = RunUntil(stop, folder, steps);
            Assert.Equal((TrainingEnd.Cancelled, stop), (stopped.End, stopped.StepNumber));
            using Trainer trainer = SmallTraining.Create(SmallTraining.Options);
            using (TrainingCheckpoint? latest = folder.OpenLatest(out IReadOnlyList<string> notes))
            {
                Assert.Equal(stopped.CheckpointPath, latest!.Path);
                Assert.Empty(notes);
                Assert.Empty(trainer.Restore(latest));
            }

            TrainingResult resumed = trainer.Run(new TrainingRunOptions { Checkpoints = folder, OnStep = steps.Add }, TestContext.Current.CancellationToken);
            Assert.Equal(expected.End, resumed.End);
            Assert.Equal(expectedSteps.Select(step => step with { TrainingTime = default }), steps.Select(step => step with { TrainingTime = default }));
            content.AssertSame(CheckpointContent.Read(resumed.CheckpointPath!));
            Assert.All(expected.BestParameters!, parameter => Assert.Equal(parameter.Values.ToArray(), resumed.BestParameters![parameter.Name].Values.ToArray()));
        }
    }

    [Fact]
    public void Trainer_CheckpointAfterEveryStep_EachLeadsToTheSameEnd()
    {
        using var temporary = new TemporaryFolder();
        using CheckpointFolder all = CheckpointFolder.Open(temporary["all"], keep: int.MaxValue);
        using Trainer uninterrupted = SmallTraining.Create(SmallTraining.Options);
        TrainingResult expected = uninterrupted.Run(new TrainingRunOptions { Checkpoints = all, CheckpointSteps = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(expected.StepNumber, all.Files.Count);
        CheckpointContent content = CheckpointContent.Read(expected.CheckpointPath!);

        // One trainer goes back again and again: nothing of what it computed since may be left.
        using Trainer trainer = SmallTraining.Create(SmallTraining.Options);
        foreach (string file in all.Files)
        {
            using CheckpointFolder folder = CheckpointFolder.Open(temporary[Path.GetFileName(file)]);
            using TrainingCheckpoint checkpoint = TrainingCheckpoint.Open(file);
            trainer.Restore(checkpoint);
            TrainingResult resumed = trainer.Run(new TrainingRunOptions { Checkpoints = folder }, TestContext.Current.CancellationToken);
            content.AssertSame(CheckpointContent.Read(resumed.CheckpointPath!));
        }
    }

    [Fact]
    public void Trainer_FinishedTrainingResumed_GivesItsResultWithoutAStep()
    {
        using var temporary = new TemporaryFolder();
        using CheckpointFolder folder = CheckpointFolder.Open(temporary["checkpoints"]);
        using Trainer first = SmallTraining.Create(SmallTraining.Options);
        TrainingResult expected = first.Run(new TrainingRunOptions { Checkpoints = folder }, TestContext.Current.CancellationToken);
        using Trainer trainer = SmallTraining.Create(SmallTraining.Options);
        using TrainingCheckpoint? latest = folder.OpenLatest(out _);
        trainer.Restore(latest!);
        TrainingResult result = trainer.Run(new TrainingRunOptions { Checkpoints = folder, OnStep = step => Assert.Fail("a step was taken") }, TestContext.Current.CancellationToken);
        Assert.Equal(expected.End, result.End);
        Assert.Equal(expected.Evaluations, result.Evaluations);
    }

    [Fact]
    public void Trainer_WithTeachersStoppedAndResumed_EndsToTheBitAsTheUninterruptedRun()
    {
        using var temporary = new TemporaryFolder();
        Distillation distillation = Teachers(seed: 1);
        var expectedSteps = new List<TrainingProgress>();
        using CheckpointFolder whole = CheckpointFolder.Open(temporary["whole"]);
        using Trainer uninterrupted = SmallTraining.Create(SmallTraining.Options, distillation: distillation);
        TrainingResult expected = uninterrupted.Run(new TrainingRunOptions { Checkpoints = whole, OnStep = expectedSteps.Add }, TestContext.Current.CancellationToken);
        CheckpointContent content = CheckpointContent.Read(expected.CheckpointPath!);
        foreach (int stop in new[] { 1, 4, expected.StepNumber - 1 })
        {
            using CheckpointFolder folder = CheckpointFolder.Open(temporary[$"stopped-{stop}"]);
            var steps = new List<TrainingProgress>();
            RunUntil(stop, folder, steps, distillation);
            using Trainer trainer = SmallTraining.Create(SmallTraining.Options, distillation: distillation with { TeacherProbabilities = distillation.TeacherProbabilities.ToArray() });
            using (TrainingCheckpoint? latest = folder.OpenLatest(out _))
            {
                Assert.Empty(trainer.Restore(latest!));
            }

            TrainingResult resumed = trainer.Run(new TrainingRunOptions { Checkpoints = folder, OnStep = steps.Add }, TestContext.Current.CancellationToken);
            Assert.Equal(expectedSteps.Select(step => step with { TrainingTime = default }), steps.Select(step => step with { TrainingTime = default }));
            content.AssertSame(CheckpointContent.Read(resumed.CheckpointPath!));
        }
    }

    [Fact]
    public void Trainer_CheckpointOfATrainingWithOtherTeachers_IsRefused()
    {
        using var temporary = new TemporaryFolder();
        using CheckpointFolder folder = CheckpointFolder.Open(temporary["checkpoints"]);
        Distillation distillation = Teachers(seed: 1);
        RunUntil(1, folder, [], distillation);
        float[] nearly = distillation.TeacherProbabilities.ToArray();
        nearly[^1] = MathF.BitIncrement(nearly[^1]);
        Assert.Contains("training: teacher probabilities is ", Refusal(distillation with { TeacherProbabilities = nearly }));
        Assert.Contains("training: teacher weight is 0.7 there, 0.6 here.", Refusal(distillation with { Weight = 0.6 }));
        Assert.Contains("unknown here; teacher weight is 0.7 there, unknown here.", Refusal(null));

        string Refusal(Distillation? other)
        {
            using Trainer trainer = SmallTraining.Create(SmallTraining.Options, distillation: other);
            using TrainingCheckpoint? latest = folder.OpenLatest(out _);
            return Assert.Throws<InvalidDataException>(() => trainer.Restore(latest!)).Message;
        }
    }

    [Fact]
    public void Trainer_OtherNumberOfThreads_IsNoted()
    {
        using var temporary = new TemporaryFolder();
        using CheckpointFolder folder = CheckpointFolder.Open(temporary["checkpoints"]);
        RunUntil(1, folder, []);
        using Trainer trainer = SmallTraining.Create(SmallTraining.Options with { Threads = 1 });
        using TrainingCheckpoint? latest = folder.OpenLatest(out _);
        Assert.StartsWith("threads: 2 when the checkpoint was written, 1 now. The result may differ in its last bits", Assert.Single(trainer.Restore(latest!)));
    }

    [Fact]
    public void Trainer_CheckpointOfAnotherTraining_IsRefusedWithWhatDiffers()
    {
        using var temporary = new TemporaryFolder();
        using CheckpointFolder folder = CheckpointFolder.Open(temporary["checkpoints"]);
        RunUntil(1, folder, []);
        EmotionDataset dataset = SmallTraining.Dataset;
        EncoderConfig config = SmallTraining.ConfigOf(SmallTraining.Smallest);
        Assert.Matches("option BatchSize is 16 there, 8 here; ", Refusal(() => SmallTraining.Create(SmallTraining.Options with { BatchSize = 8, Seed = 7 })));
        Assert.Contains("option Seed is 42 there, 7 here", Refusal(() => SmallTraining.Create(SmallTraining.Options with { Seed = 7 })));
        Assert.Contains("option Optimizer Beta2 is 0.999 there, 0.98 here", Refusal(() => SmallTraining.Create(SmallTraining.Options with { Optimizer = new AdamWOptions { Beta2 = 0.98 } })));
        Assert.Contains("trained parameters is ", Refusal(() => SmallTraining.Create(SmallTraining.Options with { Trains = spec => spec.Role != ParameterRole.Embeddings })));
        Assert.Contains("model HiddenSize is 16 there, 32 here", Refusal(() => SmallTraining.Create(SmallTraining.Options, new EncoderSize("other", 2, 32, 2))));
        Assert.Contains("model HiddenDropout is 0.1 there, 0.2 here", Refusal(() => Create(config with { HiddenDropout = 0.2 }, 1, dataset, dataset)));
        Assert.Contains("base parameters is ", Refusal(() => Create(config, 2, dataset, dataset)));
        Assert.Contains("training texts is 160 texts, sha256", Refusal(() => Create(config, 1, dataset.Select([.. Enumerable.Range(1, 159)]), dataset)));
        Assert.Contains("development texts is 160 texts, sha256", Refusal(() => Create(config, 1, dataset, dataset.Select([3, 1, 2]))));
        EmotionDataset renamed = EmotionDataset.Create(EmotionLabels.Create("animal", "drink"), dataset);
        Assert.Contains("labels is animal, food there, animal, drink here", Refusal(() => Create(config with { Labels = ["animal", "drink"] }, 1, renamed, renamed)));

        string Refusal(Func<Trainer> create)
        {
            using Trainer trainer = create();
            using TrainingCheckpoint? latest = folder.OpenLatest(out _);
            string message = Assert.Throws<InvalidDataException>(() => trainer.Restore(latest!)).Message;
            Assert.StartsWith($"{latest!.Path} is a checkpoint of another training: ", message);
            Assert.DoesNotContain('\n', message);
            Assert.Same(TrainingState.Start, trainer.State);
            return message;
        }

        static Trainer Create(EncoderConfig config, long seed, EmotionDataset training, EmotionDataset development) =>
            new(Checkpoint.CreateRandom(config, seed), SmallTraining.Tokenizer, training, development, SmallTraining.Options);
    }

    [Fact]
    public void Trainer_NewTrainingInAFolderWithCheckpoints_IsRefused()
    {
        using var temporary = new TemporaryFolder();
        using CheckpointFolder folder = CheckpointFolder.Open(temporary["checkpoints"]);
        RunUntil(1, folder, []);
        using Trainer trainer = SmallTraining.Create(SmallTraining.Options);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => trainer.Run(new TrainingRunOptions { Checkpoints = folder }, TestContext.Current.CancellationToken));
        Assert.Contains("holds checkpoints already (step-00000001.safetensors), which a new training would replace", error.Message);

        // Nor may one that was restored from elsewhere take another training's place.
        using CheckpointFolder elsewhere = CheckpointFolder.Open(temporary["elsewhere"]);
        RunUntil(2, elsewhere, []);
        using (TrainingCheckpoint? latest = elsewhere.OpenLatest(out _))
        {
            trainer.Restore(latest!);
        }

        Assert.Throws<InvalidOperationException>(() => trainer.Run(new TrainingRunOptions { Checkpoints = folder }, TestContext.Current.CancellationToken));
        Assert.Equal(TrainingEnd.Patience, trainer.Run(new TrainingRunOptions { Checkpoints = elsewhere }, TestContext.Current.CancellationToken).End);
    }

    [Fact]
    public void Trainer_NotFinite_StopsAndTheLastCheckpointIsIntactAndGood()
    {
        using var temporary = new TemporaryFolder();
        using CheckpointFolder folder = CheckpointFolder.Open(temporary["checkpoints"], keep: 1);
        using Trainer trainer = SmallTraining.Create(SmallTraining.Options with { LearningRate = 1e37, ClipNorm = null, Patience = null });
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => trainer.Run(new TrainingRunOptions { Checkpoints = folder, CheckpointSteps = 1 }, TestContext.Current.CancellationToken));
        Assert.Matches("^the (loss|norm of the gradients|largest (element|logit) of .*) is (NaN|Infinity|∞) (at|after) step [0-9]+, expected a finite number", error.Message);
        string file = Assert.Single(folder.Files);
        Assert.EndsWith($"The last checkpoint is intact: {file}.", error.Message);
        Assert.All(CheckpointContent.Read(file).Tensors, tensor => Assert.All(tensor.Value, value => Assert.True(float.IsFinite(value))));
    }

    private static Distillation Teachers(int seed)
    {
        var random = new Random(seed);
        return new Distillation { TeacherProbabilities = Enumerable.Range(0, SmallTraining.Dataset.Count * SmallTraining.Labels.Count).Select(_ => random.NextSingle()).ToArray() };
    }

    private static TrainingResult RunUntil(int step, CheckpointFolder folder, List<TrainingProgress> steps, Distillation? distillation = null)
    {
        using var cancellation = new CancellationTokenSource();
        using Trainer trainer = SmallTraining.Create(SmallTraining.Options, distillation: distillation);
        return trainer.Run(
            new TrainingRunOptions
            {
                Checkpoints = folder,
                OnStep = progress =>
                {
                    steps.Add(progress);
                    if (progress.StepNumber == step)
                    {
                        cancellation.Cancel();
                    }
                },
            },
            cancellation.Token);
    }
}
