using GoEmotions.Onnx.Training.Batching;

namespace GoEmotions.Onnx.Training.Tests.Batching;

public sealed class LengthGroupedBatchesTests
{
    private static readonly int[] Lengths = [.. Enumerable.Range(0, 5000).Select(index => 3 + (index * 7919 % 60))];

    [Theory]
    [InlineData(16, null)]
    [InlineData(64, 512)]
    [InlineData(1, null)]
    public void LengthGroupedBatches_AnEpoch_HoldsEveryExampleOnceWithinTheLimits(int batchSize, int? maxBatchTokens)
    {
        int[][] batches = LengthGroupedBatches.Plan(Lengths, batchSize, maxBatchTokens, seed: 1, epoch: 0);
        Assert.Equal(Enumerable.Range(0, Lengths.Length), batches.SelectMany(batch => batch).Order());
        Assert.All(batches, batch =>
        {
            Assert.InRange(batch.Length, 1, batchSize);
            Assert.True(maxBatchTokens is null || batch.Length * batch.Max(example => Lengths[example]) <= maxBatchTokens);
        });
    }

    [Fact]
    public void LengthGroupedBatches_Padding_IsAFewPercent()
    {
        int[][] batches = LengthGroupedBatches.Plan(Lengths, 16, null, seed: 1, epoch: 0);
        double padded = batches.Sum(batch => (double)batch.Length * batch.Max(example => Lengths[example]));
        Assert.InRange(padded / Lengths.Sum(length => (double)length), 1, 1.06);
    }

    [Fact]
    public void LengthGroupedBatches_Epochs_DifferAndRepeatWithTheSeed()
    {
        int[][] first = LengthGroupedBatches.Plan(Lengths, 16, null, seed: 1, epoch: 0);
        Assert.Equal(first, LengthGroupedBatches.Plan(Lengths, 16, null, seed: 1, epoch: 0));
        Assert.NotEqual(first, LengthGroupedBatches.Plan(Lengths, 16, null, seed: 1, epoch: 1));
        Assert.NotEqual(first, LengthGroupedBatches.Plan(Lengths, 16, null, seed: 2, epoch: 0));

        // The batches themselves come in a random order: short and long ones are not run one after the other.
        double[] means = [.. first.Select(batch => batch.Average(example => Lengths[example]))];
        double mean = means.Average();
        double neighbours = means.Zip(means.Skip(1)).Average(pair => (pair.First - mean) * (pair.Second - mean)) / means.Average(value => (value - mean) * (value - mean));
        Assert.InRange(neighbours, -0.2, 0.2);
    }
}
