using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void Bootstrap_AnyNumberOfThreads_GivesTheSameIntervals()
    {
        (bool[] predicted, bool[] truth) = Decisions(rows: 500, labels: 6, seed: 1);
        BootstrapIntervals one = Bootstrap.Intervals(predicted, truth, 6, new BootstrapOptions { Resamples = 200, Threads = 1 });
        BootstrapIntervals many = Bootstrap.Intervals(predicted, truth, 6, new BootstrapOptions { Resamples = 200, Threads = 7 });
        AssertSame(one, many);
    }

    [Fact]
    public void Bootstrap_AnotherSeed_GivesOtherIntervals()
    {
        (bool[] predicted, bool[] truth) = Decisions(rows: 500, labels: 6, seed: 1);
        BootstrapIntervals first = Bootstrap.Intervals(predicted, truth, 6, new BootstrapOptions { Resamples = 200, Seed = 1 });
        BootstrapIntervals second = Bootstrap.Intervals(predicted, truth, 6, new BootstrapOptions { Resamples = 200, Seed = 2 });
        Assert.NotEqual(first.MicroF1, second.MicroF1);
    }

    // Subset accuracy is a mean of independent zeros and ones: its interval must be that of the normal approximation,
    // p +- 1.96 sqrt(p (1 - p) / n) = 0.75 +- 0.0190. 4,000 resamples know an end to about 0.0006.
    [Fact]
    public void Bootstrap_SubsetAccuracy_HasTheWidthOfTheNormalApproximation()
    {
        const int Rows = 2000;
        bool[] truth = new bool[Rows];
        bool[] predicted = new bool[Rows];
        predicted.AsSpan(0, Rows / 4).Fill(true);
        ConfidenceInterval interval = Bootstrap.Intervals(predicted, truth, 1, new BootstrapOptions { Resamples = 4000 }).SubsetAccuracy;
        Assert.Equal(0.75 - 0.0190, interval.Lower, 0.002);
        Assert.Equal(0.75 + 0.0190, interval.Upper, 0.002);
    }

    [Fact]
    public void Bootstrap_PerfectPredictions_HaveIntervalsOfOnePoint()
    {
        (_, bool[] truth) = Decisions(rows: 300, labels: 3, seed: 2);
        BootstrapIntervals intervals = Bootstrap.Intervals(truth, truth, 3, new BootstrapOptions { Resamples = 100 });
        Assert.Equal(new ConfidenceInterval(1, 1), intervals.MicroF1);
        Assert.Equal(new ConfidenceInterval(1, 1), intervals.SubsetAccuracy);
        Assert.All(intervals.PerLabelF1, interval => Assert.Equal(new ConfidenceInterval(1, 1), interval));
    }

    [Fact]
    public void Bootstrap_MeasuredValue_LiesInsideItsInterval()
    {
        (bool[] predicted, bool[] truth) = Decisions(rows: 800, labels: 5, seed: 3);
        BootstrapIntervals intervals = Bootstrap.Intervals(predicted, truth, 5);
        DecisionCounts[] counts = [.. Enumerable.Range(0, 5).Select(label => MultiLabelMetrics.CountColumn(predicted, truth, 5, label))];
        Assert.InRange(MultiLabelMetrics.MicroMean(counts).F1, intervals.MicroF1.Lower, intervals.MicroF1.Upper);
        Assert.InRange(MultiLabelMetrics.MacroMean(counts).F1, intervals.MacroF1.Lower, intervals.MacroF1.Upper);
        Assert.InRange(MultiLabelMetrics.SupportWeightedMean(counts).F1, intervals.WeightedF1.Lower, intervals.WeightedF1.Upper);
        for (int label = 0; label < 5; label++)
        {
            Assert.InRange(counts[label].F1, intervals.PerLabelF1[label].Lower, intervals.PerLabelF1[label].Upper);
        }
    }

    [Fact]
    public void Bootstrap_OneRow_GivesTheValueItself()
    {
        BootstrapIntervals intervals = Bootstrap.Intervals([true, true], [true, false], 2, new BootstrapOptions { Resamples = 10 });
        Assert.Equal(2.0 / 3, intervals.MicroF1.Lower, 1e-15);
        Assert.Equal(2.0 / 3, intervals.MicroF1.Upper, 1e-15);
        Assert.Equal(new ConfidenceInterval(0, 0), intervals.PerLabelF1[1]);
    }

    [Fact]
    public void Bootstrap_WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Bootstrap.Intervals([true], [true, false], 1));
        Assert.Throws<ArgumentException>(() => Bootstrap.Intervals([true, true, true], [true, true, true], 2));
        Assert.Throws<ArgumentException>(() => Bootstrap.Intervals([], [], 2));
        Assert.Throws<ArgumentException>(() => Bootstrap.Intervals([true], [true], 1, new BootstrapOptions { Confidence = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Intervals([true], [true], 1, new BootstrapOptions { Resamples = 0 }));
    }

    private static (bool[] Predicted, bool[] Truth) Decisions(int rows, int labels, ulong seed)
    {
        var random = new DeterministicRandom((long)seed);
        bool[] predicted = new bool[rows * labels];
        bool[] truth = new bool[rows * labels];
        for (int index = 0; index < truth.Length; index++)
        {
            truth[index] = random.NextDouble() < 0.2;
            predicted[index] = random.NextDouble() < (truth[index] ? 0.6 : 0.1);
        }

        return (predicted, truth);
    }

    private static void AssertSame(BootstrapIntervals expected, BootstrapIntervals actual)
    {
        Assert.Equal(expected.MicroF1, actual.MicroF1);
        Assert.Equal(expected.MacroF1, actual.MacroF1);
        Assert.Equal(expected.WeightedF1, actual.WeightedF1);
        Assert.Equal(expected.SubsetAccuracy, actual.SubsetAccuracy);
        Assert.Equal(expected.PerLabelF1, actual.PerLabelF1);
    }
}
