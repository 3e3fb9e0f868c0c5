using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests.Optimization;

public sealed class DropoutMaskTests
{
    [Fact]
    public void DropoutMask_AnyDivision_GivesTheSameElements()
    {
        var mask = new DropoutMask(42, 7, 0.1f);
        var whole = new float[1000];
        mask.Fill(whole, 0);
        var parts = new float[1000];
        mask.Fill(parts.AsSpan(0, 64), 0);
        mask.Fill(parts.AsSpan(64, 320), 64);
        mask.Fill(parts.AsSpan(384), 384);
        Assert.Equal(whole, parts);
        Assert.Equal(whole, Enumerable.Range(0, 1000).Select(mask.ElementAt));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    public void DropoutMask_AMillionElements_DropsItsShareAndKeepsTheMean(float probability)
    {
        var values = new float[1 << 20];
        new DropoutMask(1, 2, probability).Fill(values, 0);
        double dropped = values.Count(value => value == 0) / (double)values.Length;

        // Five standard deviations of a binomial share, and the rounding of the probability to 1/65536.
        double tolerance = (5 * Math.Sqrt(probability * (1 - probability) / values.Length)) + (1.0 / 65536);
        Assert.Equal(probability, dropped, tolerance);
        Assert.Equal(1, values.Average(value => (double)value), tolerance * 2 / (1 - probability));
    }

    [Fact]
    public void DropoutMask_OtherSeedOrStream_IsIndependent()
    {
        // Correlation of the kept/dropped pattern with neighbours in seed, stream and position.
        const int Count = 1 << 18;
        var reference = new float[Count];
        new DropoutMask(5, 5, 0.5f).Fill(reference, 0);
        foreach ((ulong seed, ulong stream, int lag) in new[] { (5UL, 6UL, 0), (6UL, 5UL, 0), (5UL, 5UL, 1), (5UL, 5UL, 16), (5UL, 5UL, 32), (5UL, 1UL << 40, 0) })
        {
            var other = new float[Count];
            new DropoutMask(seed, stream, 0.5f).Fill(other, 0);
            double correlation = Enumerable.Range(0, Count - lag).Average(index => (reference[index] - 1.0) * (other[index + lag] - 1.0));
            Assert.True(Math.Abs(correlation) < 5 / Math.Sqrt(Count), $"seed {seed}, stream {stream}, lag {lag}: correlation {correlation}");
        }
    }
}
