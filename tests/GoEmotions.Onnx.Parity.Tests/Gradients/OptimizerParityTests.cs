using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Parity.Tests.Encoders;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Optimization;
using static TorchSharp.torch;
using TorchAdamW = TorchSharp.Modules.AdamW;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace GoEmotions.Onnx.Parity.Tests.Gradients;

/// <summary>The parameters after 20 steps of training, without dropout, against PyTorch's autograd, clip_grad_norm_ and AdamW.</summary>
public sealed class OptimizerParityTests(ITestOutputHelper output)
{
    private const int Seed = 20240614;
    private const int StepCount = 20;
    private const double LearningRate = 5e-5;
    private const double Gain = 0.55;

    // AdamW divides by the root of the squared gradients, so that an element whose gradient is little but rounding is the worst: a
    // part of 1e-4 of what it moved. Measured: up to 2.9e-6, see docs/gradients.md.
    private const double Tolerance = 2e-5;

    private static readonly LearningRateSchedule Schedule = new() { Kind = LearningRateScheduleKind.Linear, WarmupSteps = 4, TotalSteps = StepCount };

    private static readonly TrainingOptions Options = new() { LearningRate = LearningRate, ClipNorm = 0.05, Optimizer = new AdamWOptions { WeightDecay = 0.01 } };

    [Theory]
    [InlineData("bert", "2x128x2", 8, 24)]
    [InlineData("distilbert", "2x128x2", 8, 24)]
    [InlineData("bert", "6x384x12", 4, 16)]
    [InlineData("distilbert", "6x384x12", 4, 16)]
    [InlineData("bert", "12x768x12", 2, 8)]
    [InlineData("distilbert", "12x768x12", 2, 8)]
    public void Parameters_AfterTwentySteps_AgreeWithPyTorch(string modelType, string size, int batch, int sequence)
    {
        TorchLibrary.Require();
        EncoderConfig config = RandomModel.Config(modelType, size);
        ParameterSet parameters = RandomModel.Parameters(config, Seed, Gain);
        using var reference = new TorchEncoder(config, parameters);
        using TorchAdamW referenceOptimizer = CreateOptimizer(config, reference);
        TrainingGraph graph = TrainingGraph.Create(config, new TrainingGraphOptions { Dropout = false });
        using var buffers = new ParameterBuffers(graph.Parameters, _ => true);
        buffers.Load(parameters);
        using var step = new GradientStep(graph, buffers, threads: 2, Seed);
        var optimizer = new Optimizer(buffers, Options, Schedule, new ParallelOptions { MaxDegreeOfParallelism = 2 });
        using var tokens = new TokenBatch(batch * sequence);
        var random = new Random(Seed);
        double worstLoss = 0;
        int clipped = 0;
        for (int index = 0; index < StepCount; index++)
        {
            (long[] ids, long[] mask, long[] types) = RandomText(random, batch, sequence, tokens);
            float[] targets = [.. Enumerable.Range(0, batch * config.Labels.Count).Select(_ => random.Next(8) == 0 ? 1f : 0)];
            foreach (optim.ILearningRateController group in referenceOptimizer.ParamGroups)
            {
                group.LearningRate = LearningRate * Schedule.FactorAt(index);
            }

            float expectedLoss = reference.Backward(ids, mask, types, targets, batch, sequence);
            nn.utils.clip_grad_norm_([.. reference.Parameters.Values], Options.ClipNorm!.Value);
            referenceOptimizer.step();
            float loss = step.Run(tokens, targets, (ulong)index);
            double norm = optimizer.Norm();
            clipped += norm > Options.ClipNorm ? 1 : 0;
            optimizer.Step(norm);
            worstLoss = Math.Max(worstLoss, Math.Abs(loss - expectedLoss) / expectedLoss);
        }

        (double Error, double OfChange, string Name) worst = Compare(config, parameters, reference, buffers);
        output.WriteLine($"{modelType} {size}, {batch} x {sequence}: worst parameter {worst.Error:E1} ({worst.Name}), {worst.OfChange:E1} of the change of its tensor; loss {worstLoss:E1}; {clipped} of {StepCount} steps clipped (seed {Seed})");
        Assert.True(clipped > 0, "no step was clipped");
        Assert.True(worst.Error <= Tolerance, $"{worst.Name} differs by {worst.Error} of its largest element, expected at most {Tolerance} (seed {Seed})");
        Assert.True(worstLoss <= 1e-5, $"a loss differs by {worstLoss} of itself, expected at most 1e-5 (seed {Seed})");
    }

    private static (double Error, double OfChange, string Name) Compare(EncoderConfig config, ParameterSet start, TorchEncoder reference, ParameterBuffers buffers)
    {
        (double Error, double OfChange, string Name) worst = default;
        foreach (ParameterSpec spec in config.Architecture.GetParameters(config))
        {
            float[] expected = reference.Parameters[spec.Name].detach().data<float>().ToArray();
            ParameterSlot slot = buffers[spec.Name];
            ReadOnlySpan<float> found = buffers.Weights.Slice(slot.Start, slot.Length);
            ReadOnlySpan<float> before = start[spec.Name].Values.Span;
            double largest = expected.Max(value => Math.Abs((double)value));
            double difference = 0;
            double change = 0;
            for (int index = 0; index < expected.Length; index++)
            {
                Assert.True(float.IsFinite(found[index]), spec.Name);
                difference = Math.Max(difference, Math.Abs(expected[index] - found[index]));
                change = Math.Max(change, Math.Abs(expected[index] - before[index]));
            }

            if (ModelGradientParityTests.IsKeyBias(spec.Name))
            {
                // Its exact gradient is 0 (softmax does not change when all scores of a row grow by one number), and AdamW makes steps
                // of up to the learning rate of whatever rounding leaves. Both sides wander, each its own way, and no output tells.
                double wander = Enumerable.Range(0, StepCount).Sum(index => LearningRate * Schedule.FactorAt(index));
                Assert.True(difference <= 2 * wander * 1.1, $"{spec.Name} differs by {difference}, expected at most twice the sum of the learning rates");
                continue;
            }

            Assert.True(change > 0, $"{spec.Name} did not move");
            worst = difference / largest > worst.Error ? (difference / largest, difference / change, spec.Name) : worst;
        }

        return worst;
    }

    private static TorchAdamW CreateOptimizer(EncoderConfig config, TorchEncoder reference)
    {
        ILookup<bool, TorchParameter> byDecay = config.Architecture.GetParameters(config).ToLookup(spec => spec.TakesWeightDecay, spec => reference.Parameters[spec.Name]);
        return optim.AdamW([Group(true, Options.Optimizer.WeightDecay), Group(false, 0)], LearningRate);

        TorchAdamW.ParamGroup Group(bool takesDecay, double decay) => new(
            byDecay[takesDecay],
            new TorchAdamW.Options { LearningRate = LearningRate, InitialLearningRate = LearningRate, weight_decay = decay, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 });
    }

    // Texts of random lengths with tokens that repeat, in both sides' forms.
    private static (long[] Ids, long[] Mask, long[] Types) RandomText(Random random, int batch, int sequence, TokenBatch tokens)
    {
        int[] lengths = [.. Enumerable.Range(0, batch).Select(row => row == 0 ? sequence : random.Next(1, sequence + 1))];
        tokens.Begin(batch, sequence);
        for (int row = 0; row < batch; row++)
        {
            tokens.SetRow(row, [.. Enumerable.Range(0, lengths[row]).Select(_ => 1 + random.Next(60))], padTokenId: 0);
        }

        return (tokens.InputIds.ToArray(), tokens.AttentionMask.ToArray(), tokens.TokenTypeIds.ToArray());
    }
}
