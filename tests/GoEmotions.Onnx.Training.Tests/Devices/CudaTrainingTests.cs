using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Devices;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests.Devices;

/// <summary>A GPU beside the processor. Skipped, with the reason, where there is none.</summary>
public sealed class CudaTrainingTests
{
    private const int LabelCount = 5;

    // TF32 keeps 10 bits of a factor: 2^-11 = 5e-4 per product, several products deep. Of the norm of a parameter's gradient.
    private const double GradientTolerance = 2e-2;

    private static readonly string? WhyNot = FindWhyNot();

    public static TheoryData<string, int, int, int> Models { get; } = new()
    {
        { "bert", 2, 128, 2 }, { "distilbert", 2, 128, 2 }, { "bert", 6, 384, 12 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void GradientStep_OnCuda_AgreesWithTheProcessor(string architecture, int layers, int hidden, int heads)
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        EncoderConfig config = Config(architecture, layers, hidden, heads);
        using TokenBatch batch = Batch(1);
        (double loss, float[] expected, _) = Train(TrainingDevice.Cpu, config, [batch]);
        (double found, float[] gradients, _) = Train(TrainingDevice.Cuda(), config, [batch]);
        Assert.Equal(1, found / loss, 1e-3);
        using var places = new ParameterBuffers(TrainingGraph.Create(config).Parameters, _ => true);
        float all = TensorPrimitives.Norm<float>(expected);
        foreach (ParameterSlot slot in places.Slots)
        {
            ReadOnlySpan<float> reference = expected.AsSpan(slot.Start, slot.Length);
            float distance = TensorPrimitives.Distance(reference, gradients.AsSpan(slot.Start, slot.Length));

            // The exact gradient of a key bias is 0: beside the norm of all, what is found is rounding.
            Assert.True(distance <= (GradientTolerance * TensorPrimitives.Norm(reference)) + (1e-5 * all), $"the gradient of {slot.Spec.Name} differs by {distance}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Parameters_AfterTwentyStepsOnCuda_AgreeWithTheProcessor(string architecture, int layers, int hidden, int heads)
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        EncoderConfig config = Config(architecture, layers, hidden, heads);
        TokenBatch[] batches = [.. Enumerable.Range(0, 20).Select(Batch)];
        (double loss, _, float[] expected) = Train(TrainingDevice.Cpu, config, batches);
        (double found, _, float[] parameters) = Train(TrainingDevice.Cuda(), config, batches);
        Assert.Equal(1, found / loss, 1e-2);
        float[] start = [.. Start(config)];
        float moved = TensorPrimitives.Distance<float>(start, expected);
        float distance = TensorPrimitives.Distance<float>(expected, parameters);

        // AdamW makes steps of like size of small and of large gradients, so that rounding shows: a part of what all moved.
        Assert.True(distance <= 0.2 * moved, $"the parameters moved by {moved} and differ by {distance}");
        Array.ForEach(batches, batch => batch.Dispose());
    }

    [Fact]
    public void Cuda_NumberThatIsNotThere_SaysSo()
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => TrainingDevice.Cuda(99).Open());
        Assert.Contains("no GPU of the number 99", error.Message, StringComparison.Ordinal);
    }

    private static string? FindWhyNot()
    {
        if (!CudaProvider.IsBuiltIn)
        {
            return "needs ONNX Runtime with the CUDA provider: build with -p:OnnxRuntimeFlavor=Gpu";
        }

        try
        {
            TrainingDevice.Cuda().Open().Dispose();
            return null;
        }
        catch (InvalidOperationException error)
        {
            return error.Message;
        }
    }

    private static (double Loss, float[] Gradients, float[] Parameters) Train(TrainingDevice device, EncoderConfig config, TokenBatch[] batches)
    {
        TrainingGraph graph = TrainingGraph.Create(config, device.Adapt(new TrainingGraphOptions { Dropout = false }, 1));
        using var buffers = new ParameterBuffers(graph.Parameters, _ => true, device);
        buffers.Load(ParameterInitializer.Initialize(config, 1));
        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        var options = new TrainingOptions { LearningRate = 1e-4 };
        var optimizer = new Optimizer(buffers, options, new LearningRateSchedule { WarmupSteps = 4 }, new ParallelOptions());
        double loss = 0;
        foreach (TokenBatch batch in batches)
        {
            loss = step.Run(batch, [.. Enumerable.Range(0, batch.Rows * LabelCount).Select(index => index % 3 == 0 ? 1f : 0)], 0);
            optimizer.Step(optimizer.Norm());
        }

        var gradients = new float[buffers.TrainedLength];
        var parameters = new float[buffers.TotalLength];
        buffers.CopyTo(ParameterBlock.Gradients, 0, gradients);
        buffers.CopyTo(ParameterBlock.Weights, 0, parameters);
        return (loss, gradients, parameters);
    }

    private static float[] Start(EncoderConfig config)
    {
        using var buffers = new ParameterBuffers(TrainingGraph.Create(config).Parameters, _ => true);
        buffers.Load(ParameterInitializer.Initialize(config, 1));
        return buffers.Weights.ToArray();
    }

    private static EncoderConfig Config(string architecture, int layers, int hidden, int heads)
    {
        string[] labels = [.. Enumerable.Range(0, LabelCount).Select(label => $"label {label}")];
        return EncoderConfig.Create(new EncoderSize("test", layers, hidden, heads), 500, labels, architecture) with { InitializerRange = 0.05 };
    }

    // Texts of random lengths with tokens that repeat.
    private static TokenBatch Batch(int seed)
    {
        var random = new Random(seed);
        var batch = new TokenBatch(8 * 24);
        batch.Begin(8, 24);
        for (int row = 0; row < 8; row++)
        {
            batch.SetRow(row, [.. Enumerable.Range(0, row == 0 ? 24 : random.Next(1, 25)).Select(_ => 1 + random.Next(60))], padTokenId: 0);
        }

        return batch;
    }
}
