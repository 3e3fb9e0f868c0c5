using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Batching;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Optimization;
using Google.Protobuf;

namespace GoEmotions.Onnx.Training.Tests;

public sealed class DistillationTests
{
    private const int Threads = 2;

    private static readonly EmotionDataset Dataset = SmallTraining.Dataset;

    private static readonly EncoderConfig Config = SmallTraining.ConfigOf(SmallTraining.Smallest);

    private static readonly TrainingOptions Options = new() { Epochs = 2, BatchSize = 16, MaxLength = 32, LearningRate = 5e-3, Threads = Threads };

    [Theory]
    [InlineData(0.7)]
    [InlineData(0.3)]
    public void Trainer_FirstStepWithTeachers_IsToTheBitThatOfTargetsMixedByHand(double weight)
    {
        TrainingOptions options = Options with { MaxSteps = 1 };
        float[] teacher = RandomProbabilities(seed: 1);
        (List<TrainingProgress> steps, _) = Train(options, new Distillation { TeacherProbabilities = teacher, Weight = weight });

        EncodedDataset encoded = EncodedDataset.Encode(Dataset, SmallTraining.Tokenizer, options.MaxLength);
        int[] examples = Assert.Single(new TrainingPlan(encoded.Lengths, options).Batches(0).ToArray());
        using var batch = new TokenBatch(options.BatchSize * options.MaxLength);
        var targets = new float[examples.Length * 2];
        encoded.Fill(batch, examples, targets);
        for (int row = 0; row < examples.Length; row++)
        {
            for (int label = 0; label < 2; label++)
            {
                float truth = Dataset[examples[row]].Labels.Contains(label) ? 1 : 0;
                targets[(2 * row) + label] = ((1 - (float)weight) * truth) + ((float)weight * teacher[(2 * examples[row]) + label]);
            }
        }

        TrainingGraph graph = TrainingGraph.Create(Config);
        using ParameterBuffers buffers = Buffers(graph);
        using var step = new GradientStep(graph, buffers, Threads, (ulong)options.Seed);
        float loss = step.Run(batch, targets, 0);
        var optimizer = new Optimizer(buffers, options, new LearningRateSchedule { TotalSteps = 1 }, new ParallelOptions { MaxDegreeOfParallelism = Threads });
        Assert.Equal((loss, optimizer.Norm()), (steps[0].Loss, steps[0].GradientNorm));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GradientStep_MixedTargets_GivesTheWeightedSumOfBothLossesAndGradients(bool positivesAreWeighted)
    {
        const float Weight = 0.7f;
        var loss = new LossOptions { PositiveWeights = positivesAreWeighted ? [0.5f, 3] : null };
        TrainingGraph graph = TrainingGraph.Create(Config, new TrainingGraphOptions { Dropout = false, Loss = loss });
        using ParameterBuffers buffers = Buffers(graph);
        using var step = new GradientStep(graph, buffers, Threads, seed: 1);
        EncodedDataset encoded = EncodedDataset.Encode(Dataset, SmallTraining.Tokenizer, 32);
        int[] examples = [5, 0, 77, 159];
        using var batch = new TokenBatch(examples.Length * 32);
        var labels = new float[examples.Length * 2];
        encoded.Fill(batch, examples, labels);
        float[] teacher = [.. RandomProbabilities(seed: 2).Take(labels.Length)];
        (float ofLabels, float[] gradientOfLabels) = Run(labels);
        (float ofTeacher, float[] gradientOfTeacher) = Run(teacher);
        (float mixed, float[] gradient) = Run([.. labels.Zip(teacher, (label, probability) => ((1 - Weight) * label) + (Weight * probability))]);

        // The same sums in another order, in float32.
        Assert.Equal(((1 - Weight) * ofLabels) + (Weight * ofTeacher), mixed, 1e-6f);
        float largest = gradient.Max(Math.Abs);
        for (int index = 0; index < gradient.Length; index++)
        {
            Assert.Equal(((1 - Weight) * gradientOfLabels[index]) + (Weight * gradientOfTeacher[index]), gradient[index], largest * 1e-5f);
        }

        (float Loss, float[] Gradient) Run(float[] targets) => (step.Run(batch, targets, 0), buffers.Gradients.ToArray());
    }

    [Fact]
    public void Trainer_WeightOfZero_GivesTheBitsOfATrainingWithoutTeachers()
    {
        (List<TrainingProgress> expectedSteps, float[] expected) = Train(Options, null);
        (List<TrainingProgress> steps, float[] found) = Train(Options, new Distillation { TeacherProbabilities = RandomProbabilities(seed: 3), Weight = 0 });
        Assert.Equal(expectedSteps.Select(step => step.Loss), steps.Select(step => step.Loss));
        Assert.Equal(expected, found);
        Assert.NotEqual(expected, Train(Options, new Distillation { TeacherProbabilities = RandomProbabilities(seed: 3), Weight = 0.5 }).Parameters);
    }

    [Fact]
    public void Trainer_WeightOfOneAndATeacherThatIsSure_GivesTheBitsOfATrainingOnTheTeachersLabels()
    {
        // Labels that say nothing of the text and differ from row to row: a teacher's row that went to another text would show.
        var random = new Random(4);
        EmotionDataset taught = EmotionDataset.Create(Dataset.Labels, [.. Dataset.Select(example => example with { Labels = random.Next(4) switch { 0 => LabelSet.Create(0), 1 => LabelSet.Create(1), 2 => LabelSet.Create(0, 1), _ => default } })]);
        float[] teacher = [.. taught.ToTruthMatrix().Select(holds => holds ? 1f : 0f)];
        TrainingOptions options = Options with { AccumulationSteps = 3, MaxBatchTokens = 120, TokenDropout = 0.1, EvaluationSteps = 1000 };
        Assert.Equal(Train(options, null, taught).Parameters, Train(options, new Distillation { TeacherProbabilities = teacher, Weight = 1 }).Parameters);
    }

    [Fact]
    public void Trainer_WeightOfOneAndAConstantTeacher_LearnsItsProbabilities()
    {
        float[] teacher = [.. Enumerable.Range(0, Dataset.Count * 2).Select(index => index % 2 == 0 ? 0.2f : 0.7f)];
        TrainingOptions options = Options with { Epochs = 10, EvaluationSteps = 1000 };
        using Trainer trainer = SmallTraining.Create(options, distillation: new Distillation { TeacherProbabilities = teacher, Weight = 1 });
        TrainingResult result = trainer.Run(cancellationToken: TestContext.Current.CancellationToken);
        byte[] model = ClassifierGraph.FromCheckpoint(new Checkpoint(Config, result.BestParameters!, new CheckpointReport())).ToModel().ToByteArray();
        using EmotionClassifier classifier = EmotionClassifier.Create(model, SmallTraining.Tokenizer, Dataset.Labels);
        var probabilities = new float[teacher.Length];
        classifier.Score([.. Dataset.Select(example => example.Text)], probabilities);
        Assert.All(probabilities.Zip(teacher), pair => Assert.Equal(pair.Second, pair.First, 0.05f));
    }

    [Fact]
    public void Trainer_ProbabilitiesChangedAfterwards_TrainsWithThoseOfTheStart()
    {
        float[] teacher = RandomProbabilities(seed: 5);
        float[] expected = Train(Options, new Distillation { TeacherProbabilities = teacher }).Parameters;
        using Trainer trainer = SmallTraining.Create(Options, distillation: new Distillation { TeacherProbabilities = teacher });
        teacher.AsSpan().Clear();
        Assert.Equal(expected, Flat(trainer.Run(cancellationToken: TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Trainer_TeacherWeightOutsideTheRange_IsRefused(double weight)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => SmallTraining.Create(Options, distillation: new Distillation { TeacherProbabilities = RandomProbabilities(6), Weight = weight }));
        Assert.Equal("Weight", error.ParamName);
        Assert.Contains("expected a number in [0, 1].", error.Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-0.25f)]
    [InlineData(1.5f)]
    public void Trainer_TeacherProbabilityThatIsNone_IsRefusedWithItsPlace(float value)
    {
        float[] teacher = RandomProbabilities(7);
        teacher[15] = value;
        ArgumentException error = Assert.Throws<ArgumentException>(() => SmallTraining.Create(Options, distillation: new Distillation { TeacherProbabilities = teacher }));
        Assert.Equal(nameof(Distillation.TeacherProbabilities), error.ParamName);
        Assert.StartsWith(FormattableString.Invariant($"the teachers' probability of label 'food' for the text at test:8 is {value}, expected a number in [0, 1]. Apply the sigmoid"), error.Message);
    }

    [Fact]
    public void Trainer_TeacherProbabilitiesOfOtherTexts_AreRefused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => SmallTraining.Create(Options, distillation: new Distillation { TeacherProbabilities = new float[318] }));
        Assert.StartsWith("'TeacherProbabilities' has 318 elements, expected 320 (160 training texts x 2 labels).", error.Message);
    }

    [Fact]
    public void Trainer_TeachersWithALossOfMixedTargetsThatIsNoSum_AreRefused()
    {
        Assert.StartsWith("FocalGamma is 2, expected 0 with teachers", Refusal(new LossOptions { FocalGamma = 2 }));
        Assert.StartsWith("LabelSmoothing is 0.5, expected 0 with teachers", Refusal(new LossOptions { LabelSmoothing = 0.5f }));

        static string Refusal(LossOptions loss) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => SmallTraining.Create(Options with { Loss = loss }, distillation: new Distillation { TeacherProbabilities = RandomProbabilities(8) })).Message;
    }

    private static float[] RandomProbabilities(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Dataset.Count * Dataset.Labels.Count).Select(_ => random.NextSingle())];
    }

    private static (List<TrainingProgress> Steps, float[] Parameters) Train(TrainingOptions options, Distillation? distillation, EmotionDataset? training = null)
    {
        var steps = new List<TrainingProgress>();
        using var trainer = new Trainer(Checkpoint.CreateRandom(Config, 1), SmallTraining.Tokenizer, training ?? Dataset, Dataset, options, distillation);
        return (steps, Flat(trainer.Run(new TrainingRunOptions { OnStep = steps.Add }, TestContext.Current.CancellationToken)));
    }

    private static float[] Flat(TrainingResult result) => [.. result.BestParameters!.SelectMany(parameter => parameter.Values.ToArray())];

    private static ParameterBuffers Buffers(TrainingGraph graph)
    {
        var buffers = new ParameterBuffers(graph.Parameters, _ => true);
        buffers.Load(Checkpoint.CreateRandom(Config, 1).Parameters);
        return buffers;
    }
}
