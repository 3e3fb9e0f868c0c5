using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
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
    [InlineData("pytorch")]
    [InlineData("pytorch, decay")]
    [InlineData("huggingface, decay")]
    [InlineData("huggingface, clipped")]
    [InlineData("clipped")]
    [InlineData("frozen")]
    [InlineData("accumulated, clipped")]
    [InlineData("scaled rate")]
    [InlineData("opset 21")]
    [InlineData("version 1")]
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
            CheckpointVersion = Has("version 1") ? 1 : 2,
            Trains = Has("frozen") ? spec => spec.Role != ParameterRole.Embeddings && spec.LayerIndex != 0 : null,
        };
        Compare("bert", "tiny", options, Has("accumulated") ? 2 : 1, Has("version 1") ? "1.17.3" : "1.19.2");

        bool Has(string word) => variant.Contains(word, StringComparison.Ordinal);
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
