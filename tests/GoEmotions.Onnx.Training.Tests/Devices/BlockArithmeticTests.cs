using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Training.Devices;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests.Devices;

/// <summary>The graphs over blocks, on the CPU provider, beside the loops in C#.</summary>
public sealed class BlockArithmeticTests
{
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    private static readonly IReadOnlyList<ParameterSpec> Parameters = TrainingGraph.Create(EncoderConfig.Create(EncoderSize.Tiny, 33, ["a", "b", "c"])).Parameters;

    [Fact]
    public void Blocks_WhatIsCopiedIn_ComesBackAndTouchesNothingElse()
    {
        using ParameterBuffers buffers = Buffers(TrainingDevice.CpuThroughSessions);
        Assert.False(buffers.IsInHostMemory);
        Assert.Throws<InvalidOperationException>(() => buffers.Weights.Length);
        float[] part = Numbers(1000, 1);
        buffers.CopyFrom(part, ParameterBlock.FirstMoments, 123);
        float[] all = Read(buffers, ParameterBlock.FirstMoments);
        Assert.Equal(part, all[123..1123]);
        Assert.False(all.AsSpan(0, 123).ContainsAnyExcept(0));
        Assert.False(all.AsSpan(1123).ContainsAnyExcept(0));
        Assert.False(Read(buffers, ParameterBlock.Weights).AsSpan().ContainsAnyExcept(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffers.CopyFrom(part, ParameterBlock.SecondMoments, buffers.TrainedLength - 999));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffers.CopyTo(ParameterBlock.SecondMoments, -1, part));
    }

    [Fact]
    public void Blocks_LargerThanOneCopy_ComeBackWhole()
    {
        // Several times what is copied at once, and a rest.
        using SessionDevice device = SessionDevice.OpenCpu();
        using DeviceBlock block = device.Allocate((2 * SessionBlock.StagingLength) + 77);
        float[] all = new float[block.Length];
        Array.Fill(all, 1);
        block.CopyTo(0, all);
        Assert.False(all.AsSpan().ContainsAnyExcept(0));
        float[] written = Numbers(block.Length - 5, 2);
        block.CopyFrom(written, 3);
        block.CopyTo(0, all);
        Assert.True(written.AsSpan().SequenceEqual(all.AsSpan(3, written.Length)));
        Assert.Equal([0, 0, 0], all[..3]);
    }

    [Fact]
    public void Step_AsGraph_EqualsTheLoopToTheBit()
    {
        using ParameterBuffers loop = Filled(TrainingDevice.Cpu);
        using ParameterBuffers graph = Filled(TrainingDevice.CpuThroughSessions);
        for (int stepNumber = 1; stepNumber <= 5; stepNumber++)
        {
            foreach (ParameterSegment segment in loop.Segments)
            {
                var step = new AdamW(new AdamWOptions(), 1e-3 * stepNumber, stepNumber, segment.TakesWeightDecay ? 0.01 : 0, gradientScale: 0.7);
                loop.Arithmetic.Step(segment, step, Parallel);
                graph.Arithmetic.Step(segment, step, Parallel);
            }
        }

        foreach (ParameterBlock block in Enum.GetValues<ParameterBlock>())
        {
            Assert.True(Read(loop, block).AsSpan().SequenceEqual(Read(graph, block)), $"{block}");
        }
    }

    [Fact]
    public void GradientNorm_AsGraph_AgreesWithFloat64()
    {
        foreach (TrainingDevice device in new[] { TrainingDevice.Cpu, TrainingDevice.CpuThroughSessions })
        {
            using ParameterBuffers buffers = Filled(device);
            double expected = Math.Sqrt(Read(buffers, ParameterBlock.Gradients).Sum(value => (double)value * value));

            // Sums of 4,096 (65,536) squares in single precision, several at a time: below 1e-6 of themselves.
            Assert.Equal(1, buffers.Arithmetic.GradientNorm(Parallel) / expected, 1e-6);
        }
    }

    [Fact]
    public void Accumulate_AsGraph_EqualsTheLoopToTheBit()
    {
        Range[] ranges = [16..500, 512..20_000];
        float[] weights = [0.5f, 0.3f, 0.2f];
        float[] loop = Sum(TrainingDevice.Cpu, rounds: 2);
        Assert.True(loop.AsSpan().SequenceEqual(Sum(TrainingDevice.CpuThroughSessions, rounds: 2)));
        float[] expected = new float[loop.Length];
        for (int index = 0; index < weights.Length; index++)
        {
            float[] gradients = Numbers(loop.Length, 10 + index);
            for (int element = 0; element < expected.Length; element++)
            {
                bool isAdded = element is (>= 16 and < 500) or (>= 512 and < 20_000);
                expected[element] = isAdded ? expected[element] + (gradients[element] * weights[index]) : gradients[element];
            }
        }

        Assert.InRange(expected.Zip(loop, (e, f) => Math.Abs(e - f)).Max(), 0, 1e-6f);

        float[] Sum(TrainingDevice device, int rounds)
        {
            using ParameterBuffers buffers = Buffers(device);
            for (int round = 0; round < rounds; round++)
            {
                for (int index = 0; index < weights.Length; index++)
                {
                    buffers.CopyFrom(Numbers(buffers.TrainedLength, 10 + index), ParameterBlock.Gradients, 0);
                    buffers.Arithmetic.Accumulate(ranges, new MicroBatch(weights[index], index == 0, index == weights.Length - 1), Parallel);
                }
            }

            return Read(buffers, ParameterBlock.Gradients);
        }
    }

    private static ParameterBuffers Buffers(TrainingDevice device) => new(Parameters, spec => spec.LayerIndex != 0, device);

    private static ParameterBuffers Filled(TrainingDevice device)
    {
        ParameterBuffers buffers = Buffers(device);
        buffers.CopyFrom(Numbers(buffers.TotalLength, 1), ParameterBlock.Weights, 0);
        buffers.CopyFrom(Numbers(buffers.TrainedLength, 2), ParameterBlock.Gradients, 0);
        buffers.CopyFrom(Numbers(buffers.TrainedLength, 3), ParameterBlock.FirstMoments, 0);
        buffers.CopyFrom([.. Numbers(buffers.TrainedLength, 4).Select(value => MathF.Abs(value))], ParameterBlock.SecondMoments, 0);
        return buffers;
    }

    private static float[] Read(ParameterBuffers buffers, ParameterBlock block)
    {
        var elements = new float[block == ParameterBlock.Weights ? buffers.TotalLength : buffers.TrainedLength];
        buffers.CopyTo(block, 0, elements);
        return elements;
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
