using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests;

public sealed class GradientStepTests
{
    private const int LabelCount = 5;

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void GradientStep_TablesAsRows_GivesTheGradientsOfTheDenseGraph(string architecture)
    {
        EncoderConfig config = Config(architecture);
        using TokenBatch batch = Batch(seed: 1);
        float[] labels = Labels(batch.Rows, seed: 2);
        Dictionary<string, float[]> rows = Gradients(config, new TrainingGraphOptions { Dropout = false }, batch, labels);
        Dictionary<string, float[]> dense = Gradients(config, new TrainingGraphOptions { Dropout = false, EmbeddingGradientsAsRows = false }, batch, labels);
        Assert.Equal(dense.Keys.Order(), rows.Keys.Order());
        foreach ((string name, float[] expected) in dense)
        {
            // The same sums in another order: a few float32 roundings relative to the largest element.
            float largest = expected.Max(Math.Abs);
            Assert.All(expected.Zip(rows[name]), pair => Assert.Equal(pair.First, pair.Second, (largest * 1e-5f) + 1e-9f));
        }
    }

    [Fact]
    public void GradientStep_SecondBatch_HasNothingLeftOfTheFirst()
    {
        EncoderConfig config = Config("bert");
        TrainingGraph graph = TrainingGraph.Create(config, new TrainingGraphOptions { Dropout = false });
        using TokenBatch first = Batch(seed: 3);
        using TokenBatch second = Batch(seed: 4);
        using ParameterBuffers buffers = Buffers(config, graph);
        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        step.Run(first, Labels(first.Rows, 5), 0);
        step.Run(second, Labels(second.Rows, 6), 1);
        float[] after = buffers.Gradients.ToArray();
        using ParameterBuffers fresh = Buffers(config, graph);
        using var alone = new GradientStep(graph, fresh, threads: 2, seed: 1);
        alone.Run(second, Labels(second.Rows, 6), 1);
        Assert.Equal(fresh.Gradients.ToArray(), after);
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void GradientStep_AlongTheGradient_TheLossGrowsByItsSquaredLength(string architecture)
    {
        EncoderConfig config = Config(architecture);
        TrainingGraph graph = TrainingGraph.Create(config, new TrainingGraphOptions { Dropout = false, Loss = new LossOptions { FocalGamma = 2, LabelSmoothing = 0.1f, PositiveWeights = [1, 2, 3, 4, 5] } });
        using TokenBatch batch = Batch(seed: 7);
        float[] labels = Labels(batch.Rows, seed: 8);
        using ParameterBuffers buffers = Buffers(config, graph);
        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        AssertGradient(buffers, () => step.Run(batch, labels, 0));
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void GradientStep_HiddenTokens_TheLossGrowsByTheGradientsSquaredLength(string architecture)
    {
        EncoderConfig config = Config(architecture);
        TrainingGraph graph = TrainingGraph.CreateMaskedToken(config, new TrainingGraphOptions { Dropout = false });
        using TokenBatch batch = Batch(seed: 15);
        long[] positions = [1, 4, 12, 14, 25, 61];
        long[] ids = [7, 7, 20, 49, 0, 3];
        using var buffers = new ParameterBuffers(graph.Parameters, _ => true);
        foreach (ParameterSlot slot in buffers.Slots)
        {
            ParameterInitializer.Fill(slot.Spec, config, 1, buffers.Weights.Slice(slot.Start, slot.Length));
        }

        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        AssertGradient(buffers, () => step.Run(batch, positions, ids, 0));
    }

    [Fact]
    public void GradientStep_DropoutStream_DecidesWhatIsDropped()
    {
        EncoderConfig config = Config("bert");
        TrainingGraph graph = TrainingGraph.Create(config);
        using TokenBatch batch = Batch(seed: 9);
        float[] labels = Labels(batch.Rows, seed: 10);
        using ParameterBuffers buffers = Buffers(config, graph);
        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        float first = step.Run(batch, labels, 0);
        float[] gradients = buffers.Gradients.ToArray();
        Assert.NotEqual(first, step.Run(batch, labels, 1));
        Assert.Equal(first, step.Run(batch, labels, 0));
        Assert.Equal(gradients, buffers.Gradients.ToArray());
        using var otherSeed = new GradientStep(graph, buffers, threads: 2, seed: 2);
        Assert.NotEqual(first, otherSeed.Run(batch, labels, 0));
    }

    [Fact]
    public void GradientStep_FrozenEmbeddings_GetNoGradientAndDoNotMove()
    {
        EncoderConfig config = Config("bert");
        static bool Trains(ParameterSpec spec) => spec.Role != ParameterRole.Embeddings;
        TrainingGraph graph = TrainingGraph.Create(config, new TrainingGraphOptions { Trains = Trains, Dropout = false });
        Assert.Empty(graph.RowGradients);
        using TokenBatch batch = Batch(seed: 11);
        using var buffers = new ParameterBuffers(graph.Parameters, Trains);
        buffers.Load(ParameterInitializer.Initialize(config, 1));
        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        float[] before = buffers.Weights.ToArray();
        step.Run(batch, Labels(batch.Rows, 12), 0);
        Update(buffers, 0.01, 1);
        foreach (ParameterSlot slot in buffers.Slots)
        {
            bool moved = !buffers.Weights.Slice(slot.Start, slot.Length).SequenceEqual(before.AsSpan(slot.Start, slot.Length));
            Assert.Equal(slot.IsTrained, moved);
            Assert.Equal(Trains(slot.Spec), slot.IsTrained);
        }
    }

    [Fact]
    public void GradientStep_FortyUpdates_LearnABatchByHeart()
    {
        EncoderConfig config = Config("bert");
        TrainingGraph graph = TrainingGraph.Create(config);
        using TokenBatch batch = Batch(seed: 13);
        float[] labels = Labels(batch.Rows, seed: 14);
        using ParameterBuffers buffers = Buffers(config, graph);
        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        float first = step.Run(batch, labels, 0);
        for (int number = 1; number <= 40; number++)
        {
            step.Run(batch, labels, (ulong)number);
            Update(buffers, 1e-3, number);
        }

        float last = step.Run(batch, labels, 100);
        Assert.True(last < first / 4, $"the loss went from {first} to {last}");
    }

    [Theory]
    [InlineData("bert", false)]
    [InlineData("distilbert", false)]
    [InlineData("bert", true)]
    public void GradientStep_MicroBatches_GiveTheGradientsOfOneLargeBatch(string architecture, bool throughSessions)
    {
        TrainingDevice device = throughSessions ? TrainingDevice.CpuThroughSessions : TrainingDevice.Cpu;
        EncoderConfig config = Config(architecture);
        TrainingGraph graph = TrainingGraph.Create(config, device.Adapt(new TrainingGraphOptions { Dropout = false }, 1));
        using TokenBatch whole = Batch(seed: 21);
        float[] labels = Labels(whole.Rows, seed: 22);
        using ParameterBuffers buffers = Buffers(config, graph, device);
        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        float loss = step.Run(whole, labels, 0);
        float[] expected = Gradients(buffers);

        // Of different sizes, one text among them, and twice: nothing of the first round may be left in the second.
        int[] sizes = [3, 1, 2];
        for (int round = 0; round < 2; round++)
        {
            double sum = 0;
            int first = 0;
            for (int index = 0; index < sizes.Length; index++)
            {
                using TokenBatch part = Batch(seed: 21, first, sizes[index]);
                var place = new MicroBatch((float)sizes[index] / whole.Rows, index == 0, index == sizes.Length - 1);
                sum += step.Run(part, labels.AsSpan(first * LabelCount, sizes[index] * LabelCount), 0, place) * place.Weight;
                first += sizes[index];
            }

            Assert.Equal(loss, sum, 1e-6);
            RequireAgreement(buffers, expected, Gradients(buffers));
        }
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void GradientStep_ThroughSessions_GivesTheGradientsOfTheLoops(string architecture)
    {
        EncoderConfig config = Config(architecture);
        using TokenBatch batch = Batch(seed: 23);
        float[] labels = Labels(batch.Rows, seed: 24);
        (float loss, float[] expected) = Run(TrainingDevice.Cpu);
        (float other, float[] found) = Run(TrainingDevice.CpuThroughSessions);
        Assert.Equal(loss, other, 1e-6f);
        using ParameterBuffers buffers = Buffers(config, TrainingGraph.Create(config));
        RequireAgreement(buffers, expected, found);

        (float Loss, float[] Gradients) Run(TrainingDevice device)
        {
            TrainingGraph graph = TrainingGraph.Create(config, device.Adapt(new TrainingGraphOptions { Dropout = false }, 1));
            using ParameterBuffers buffers = Buffers(config, graph, device);
            using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
            step.Run(batch, labels, 0);
            return (step.Run(batch, labels, 0), Gradients(buffers));
        }
    }

    // The difference of the loss along the gradient, over a short way, is the gradient's squared length times the way.
    private static void AssertGradient(ParameterBuffers buffers, Func<float> loss)
    {
        loss();
        float[] gradient = buffers.Gradients.ToArray();
        double squaredLength = gradient.Sum(value => (double)value * value);
        float[] start = buffers.Weights.ToArray();
        double distance = 2e-3 / Math.Sqrt(squaredLength);
        double difference = LossAt(+distance) - LossAt(-distance);

        // Central difference in float32 over a step of 0.002 along the unit gradient: the third derivative and the rounding of
        // the loss (about 1e-7 of 0.5, over a difference of about 2 * 0.002 * |gradient|) leave about one percent.
        Assert.Equal(1, difference / (2 * distance * squaredLength), 0.03);

        double LossAt(double length)
        {
            for (int index = 0; index < gradient.Length; index++)
            {
                buffers.Weights[index] = (float)(start[index] + (length * gradient[index]));
            }

            return loss();
        }
    }

    private static EncoderConfig Config(string architecture) =>
        EncoderConfig.Create(EncoderSize.Tiny, 50, [.. Enumerable.Range(0, LabelCount).Select(label => $"label {label}")], architecture) with { InitializerRange = 0.1, MaxPositionEmbeddings = 32 };

    private static float[] Gradients(ParameterBuffers buffers)
    {
        var gradients = new float[buffers.TrainedLength];
        buffers.CopyTo(ParameterBlock.Gradients, 0, gradients);
        return gradients;
    }

    // The same sums in another order: a few float32 roundings relative to the largest element of each parameter, or, for the key
    // biases, whose exact gradient is 0, of all.
    private static void RequireAgreement(ParameterBuffers buffers, float[] expected, float[] found)
    {
        float floor = MathF.Abs(TensorPrimitives.MaxMagnitude<float>(expected)) * 1e-7f;
        foreach (ParameterSlot slot in buffers.Slots)
        {
            ReadOnlySpan<float> reference = expected.AsSpan(slot.Start, slot.Length);
            float largest = 0;
            for (int index = 0; index < slot.Length; index++)
            {
                float difference = MathF.Abs(reference[index] - found[slot.Start + index]);
                largest = Math.Max(largest, float.IsFinite(difference) ? difference : float.PositiveInfinity);
            }

            Assert.True(largest <= (MathF.Abs(TensorPrimitives.MaxMagnitude(reference)) * 1e-5f) + floor, $"{slot.Spec.Name} differs by {largest}");
        }
    }

    private static ParameterBuffers Buffers(EncoderConfig config, TrainingGraph graph, TrainingDevice? device = null)
    {
        var buffers = new ParameterBuffers(graph.Parameters, _ => true, device);
        buffers.Load(ParameterInitializer.Initialize(config, 1));
        return buffers;
    }

    private static Dictionary<string, float[]> Gradients(EncoderConfig config, TrainingGraphOptions options, TokenBatch batch, float[] labels)
    {
        TrainingGraph graph = TrainingGraph.Create(config, options);
        using ParameterBuffers buffers = Buffers(config, graph);
        using var step = new GradientStep(graph, buffers, threads: 2, seed: 1);
        step.Run(batch, labels, 0);
        return buffers.Slots.ToDictionary(slot => slot.Spec.Name, slot => buffers.Gradients.Slice(slot.Start, slot.Length).ToArray());
    }

    private static void Update(ParameterBuffers buffers, double learningRate, int stepNumber)
    {
        foreach (ParameterSegment segment in buffers.Segments)
        {
            var range = new Range(segment.Start, segment.Start + segment.Length);
            new AdamW(new AdamWOptions(), learningRate, stepNumber, segment.TakesWeightDecay ? 0.01 : 0, 1)
                .Step(buffers.Weights[range], buffers.Gradients[range], buffers.FirstMoments[range], buffers.SecondMoments[range]);
        }
    }

    // Texts of different lengths, with tokens that repeat within and among them.
    private static TokenBatch Batch(int seed, int first = 0, int count = 6)
    {
        var random = new Random(seed);
        int[] lengths = [12, 3, 7, 12, 2, 9];
        int[][] texts = [.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(1, 50) % 17).ToArray())];
        int[][] chosen = texts[first..(first + count)];
        int longest = chosen.Max(text => text.Length);
        var batch = new TokenBatch(count * longest);
        batch.Begin(count, longest);
        for (int row = 0; row < count; row++)
        {
            batch.SetRow(row, chosen[row], padTokenId: 0);
        }

        return batch;
    }

    private static float[] Labels(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * LabelCount).Select(_ => (float)random.Next(2))];
    }
}
