using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Artifacts;
using GoEmotions.Onnx.Training.Optimization;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Parity.Tests.Artifacts;

/// <summary>Our training artifacts in ONNX Runtime's own TrainingSession, against our own trainer on the same batches.</summary>
public sealed class TrainingSessionParityTests(ITestOutputHelper output)
{
    private const int StepCount = 20;
    private const int Seed = 20240917;

    // Of the loss itself: both sides are of single precision, and differ in the order of their sums. Measured: docs/training-artifacts.md.
    private const double LossTolerance = 2e-5;

    // Of the largest movement of any parameter.
    private const double ParameterTolerance = 2e-3;

    [Theory]
    [InlineData("bert", "tiny")]
    [InlineData("distilbert", "tiny")]
    [InlineData("bert", "small")]
    [InlineData("distilbert", "small")]
    public void TrainingSession_Sizes_TrainAsOurOwnTrainer(string modelType, string size) => Compare(modelType, size, Plain);

    [Theory]
    [InlineData("decay")]
    [InlineData("huggingface, decay")]
    [InlineData("huggingface, clipped")]
    [InlineData("clipped")]
    [InlineData("frozen")]
    [InlineData("accumulated, clipped")]
    [InlineData("scaled rate")]
    [InlineData("opset 21")]
    public void TrainingSession_Variants_TrainAsOurOwnTrainer(string variant)
    {
        TrainingArtifactsOptions options = Plain with
        {
            Optimizer = new AdamWOptions
            {
                Epsilon = Plain.Optimizer.Epsilon,
                WeightDecay = Has("decay") ? 0.1 : 0,
                Mode = Has("huggingface") ? AdamWMode.HuggingFace : AdamWMode.PyTorch,
            },
            ClipNorm = Has("clipped") ? 0.1 : null,
            LearningRateScale = Has("scaled rate") ? 0.25 : null,
            Opset = Has("opset 21") ? 21 : TrainingArtifactsOptions.DefaultOpset,
            Trains = FrozenParts.Parse(Has("frozen") ? "embeddings,encoder.0" : "").ToTrains(TextBatches.Config("bert", EncoderSize.Tiny)),
        };
        Compare("bert", "tiny", options, Has("accumulated") ? 2 : 1);

        bool Has(string word) => variant.Contains(word, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainingSession_CheckpointOfVersion1_TrainsInOnnxRuntime1_17()
    {
        Compare("bert", "tiny", Plain with { CheckpointVersion = 1 }, runtime: "1.17.3");
        Compare("distilbert", "tiny", Plain with { CheckpointVersion = 1 }, runtime: "1.17.3");
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void TrainingSession_Dropout_TrainsAndEvaluatesWithoutIt(string modelType)
    {
        EncoderConfig config = TextBatches.Config(modelType, EncoderSize.Tiny);
        ParameterSet start = ParameterInitializer.Initialize(config, Seed);
        TrainingArtifacts artifacts = TrainingArtifacts.Create(config, Plain with { Dropout = 0.3 });
        OrtCheckpoint checkpoint = artifacts.CreateCheckpoint(start);
        OrtTrainingRun run = OrtTrainingRun.Of(artifacts, checkpoint, Enumerable.Range(0, StepCount), evaluated: 0);
        OrtTrainingRun without = OrtTrainingRun.Of(TrainingArtifacts.Create(config, Plain), checkpoint, Enumerable.Range(0, StepCount), evaluated: 0);
        Assert.All(run.Losses, loss => Assert.True(double.IsFinite(loss)));
        Assert.NotEqual(without.Losses[0], run.Losses[0]);
        ParameterSet trained = checkpoint.WithTrainedValues(artifacts.Parameters, run.Parameters).ToParameterSet(artifacts.Parameters);
        Assert.All(trained, parameter => Assert.NotEqual(start[parameter.Name].Values.ToArray(), parameter.Values.ToArray()));
        Assert.True(run.Losses[^1] < 0.7 * run.Losses[0], $"the loss went from {run.Losses[0]} to {run.Losses[^1]}");

        // What is evaluated drops nothing: the serving graph gives the same logits.
        float[] logits = Logits(config, trained, 0);
        Assert.True(logits.Zip(run.Logits, (a, b) => Math.Abs(a - b)).Max() <= 1e-4 * logits.Max(Math.Abs));
    }

    [Theory]
    [InlineData("bert", "pytorch")]
    [InlineData("distilbert", "huggingface")]
    public void TrainingSession_HalfHereAndHalfThere_IsTheWholeHere(string modelType, string mode)
    {
        TrainingArtifactsOptions options = Plain with
        {
            Optimizer = Plain.Optimizer with { WeightDecay = 0.01, Mode = mode == "huggingface" ? AdamWMode.HuggingFace : AdamWMode.PyTorch },
        };
        EncoderConfig config = TextBatches.Config(modelType, EncoderSize.Tiny);
        ParameterSet start = ParameterInitializer.Initialize(config, Seed);
        using var own = new OwnTrainingRun(config, start, options);
        own.Run(Enumerable.Range(0, StepCount / 2));
        OrtCheckpoint half = OrtCheckpoint.FromBuffers(own.Buffers, own.StepCount);
        double[] losses = own.Run(Enumerable.Range(StepCount / 2, StepCount / 2));

        TrainingArtifacts artifacts = TrainingArtifacts.Create(config, options);
        OrtTrainingRun theirs = OrtTrainingRun.Of(artifacts, half, Enumerable.Range(StepCount / 2, StepCount / 2), evaluated: 0);
        ParameterSet trained = half.WithTrainedValues(artifacts.Parameters, theirs.Parameters).ToParameterSet(artifacts.Parameters);
        (double difference, double movement, string name) = Distance(own.Buffers.ToParameterSet(artifacts.Parameters), trained, start);
        double worstLoss = losses.Zip(theirs.Losses, (a, b) => Math.Abs(a - b) / a).Max();
        output.WriteLine($"{modelType} {mode}: 10 steps here and 10 there against 20 here: worst loss {worstLoss:E1} of itself, parameters differ by at most {difference:E1} ({name}) after moving {movement:E1}");
        Assert.True(worstLoss <= LossTolerance, $"the loss differs by {worstLoss} of itself, expected at most {LossTolerance}");
        Assert.True(difference <= ParameterTolerance * movement, $"'{name}' differs by {difference}, expected at most {ParameterTolerance} of the largest movement, {movement}");

        // And back, moments and step included: not a bit is lost on the way through the file.
        using var folder = new TemporaryFolder();
        OrtCheckpointFile.Save(half, folder["checkpoint"]);
        using var resumed = new OwnTrainingRun(config, start, options);
        resumed.StepCount = OrtCheckpointFile.Load(folder["checkpoint"]).CopyTo(resumed.Buffers);
        Assert.Equal(losses, resumed.Run(Enumerable.Range(StepCount / 2, StepCount / 2)));
        Assert.Equal(own.Buffers.Weights.ToArray(), resumed.Buffers.Weights.ToArray());
    }

    private static TrainingArtifactsOptions Plain { get; } = new() { Dropout = 0, Optimizer = new AdamWOptions { Epsilon = 1e-6, WeightDecay = 0 } };

    private void Compare(string modelType, string size, TrainingArtifactsOptions options, int accumulate = 1, string runtime = "1.19.2")
    {
        EncoderConfig config = TextBatches.Config(modelType, EncoderSize.Parse(size));
        ParameterSet start = ParameterInitializer.Initialize(config, Seed);
        TrainingArtifacts artifacts = TrainingArtifacts.Create(config, options);
        OrtCheckpoint checkpoint = artifacts.CreateCheckpoint(start);
        int[] batches = [.. Enumerable.Range(0, StepCount * accumulate)];
        OrtTrainingRun theirs = OrtTrainingRun.Of(artifacts, checkpoint, batches, evaluated: StepCount * accumulate, accumulate, runtime);
        using var own = new OwnTrainingRun(config, start, options);
        double[] losses = own.Run(batches, accumulate);

        Assert.Equal(config.Architecture.HasTokenTypes(config) ? ["input_ids", "attention_mask", "token_type_ids", "labels"] : ["input_ids", "attention_mask", "labels"], theirs.Inputs);
        Assert.Equal(["loss", "logits"], theirs.Outputs);
        double worstLoss = losses.Zip(theirs.Losses, (a, b) => double.IsFinite(b) ? Math.Abs(a - b) / a : double.PositiveInfinity).Max();
        ParameterSet trained = checkpoint.WithTrainedValues(artifacts.Parameters, theirs.Parameters).ToParameterSet(artifacts.Parameters);
        (double difference, double movement, string name) = Distance(own.Buffers.ToParameterSet(artifacts.Parameters), trained, start);
        float[] logits = Logits(config, trained, StepCount * accumulate);
        double worstLogit = logits.Zip(theirs.Logits, (a, b) => Math.Abs(a - b)).Max() / logits.Max(Math.Abs);
        output.WriteLine($"{modelType} {size}, ONNX Runtime {runtime}: loss {theirs.Losses[0]:0.0000} to {theirs.Losses[^1]:0.0000}, worst difference {worstLoss:E1} of it; parameters differ by at most {difference:E1} ({name}) after moving {movement:E1}; logits of the trained model {worstLogit:E1}; {theirs.Milliseconds / batches.Length:0.0} ms a step");
        Assert.True(movement > 1e-3, $"no parameter moved by more than {movement}");
        Assert.True(worstLoss <= LossTolerance, $"the loss differs by {worstLoss} of itself, expected at most {LossTolerance}");
        Assert.True(difference <= ParameterTolerance * movement, $"'{name}' differs by {difference}, expected at most {ParameterTolerance} of the largest movement, {movement}");
        Assert.True(worstLogit <= 1e-4, $"the logits differ by {worstLogit} of the largest, expected at most 1e-4");
    }

    // The gradient of a key bias is exactly 0 (softmax does not change when a row's scores all grow by one number); what is found is
    // rounding, of which Adam makes steps as large as any.
    private static bool IsKeyBias(string name) => name.EndsWith("key.bias", StringComparison.Ordinal) || name.EndsWith("k_lin.bias", StringComparison.Ordinal);

    private static (double Difference, double Movement, string Name) Distance(ParameterSet own, ParameterSet theirs, ParameterSet start)
    {
        (double Difference, double Movement, string Name) worst = (0, 0, "");
        foreach (Parameter parameter in own.Where(parameter => !IsKeyBias(parameter.Name)))
        {
            ReadOnlySpan<float> found = theirs[parameter.Name].Values.Span;
            ReadOnlySpan<float> before = start[parameter.Name].Values.Span;
            for (int index = 0; index < found.Length; index++)
            {
                double difference = Math.Abs(parameter.Values.Span[index] - found[index]);
                worst = difference > worst.Difference || !double.IsFinite(difference) ? (difference, worst.Movement, parameter.Name) : worst;
                worst.Movement = Math.Max(worst.Movement, Math.Abs(found[index] - before[index]));
            }
        }

        return worst;
    }

    // The trained parameters in the graph that serves, on the ordinary ONNX Runtime.
    private static float[] Logits(EncoderConfig config, ParameterSet parameters, int number)
    {
        (TokenBatch batch, _) = TextBatches.Get(number);
        using (batch)
        {
            using var session = new InferenceSession(ClassifierGraph.Create(config, parameters).ToModel().ToByteArray());
            long[] shape = [batch.Rows, batch.SequenceLength];
            var inputs = new Dictionary<string, OrtValue>
            {
                [ClassifierGraph.InputIdsName] = OrtValue.CreateTensorValueFromMemory(batch.InputIds.ToArray(), shape),
                [ClassifierGraph.AttentionMaskName] = OrtValue.CreateTensorValueFromMemory(batch.AttentionMask.ToArray(), shape),
            };
            if (config.Architecture.HasTokenTypes(config))
            {
                inputs.Add(ClassifierGraph.TokenTypeIdsName, OrtValue.CreateTensorValueFromMemory(batch.TokenTypeIds.ToArray(), shape));
            }

            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, inputs, [ClassifierGraph.LogitsName]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
    }
}
