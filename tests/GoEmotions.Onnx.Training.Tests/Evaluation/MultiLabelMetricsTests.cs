using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

public sealed class MultiLabelMetricsTests
{
    // The example of scikit-learn's documentation of roc_auc_score and average_precision_score: 0.75 and 0.83.
    [Fact]
    public void MultiLabelMetrics_DocumentedExample_GivesTheDocumentedValues()
    {
        float[] scores = [0.1f, 0.4f, 0.35f, 0.8f];
        bool[] truth = [false, false, true, true];
        Assert.Equal(0.75, MultiLabelMetrics.RocAuc(scores, truth));
        Assert.Equal(5.0 / 6, MultiLabelMetrics.AveragePrecision(scores, truth)!.Value, 1e-15);
    }

    [Fact]
    public void MultiLabelMetrics_EqualScores_GiveHalfTheAreaAndThePrevalence()
    {
        float[] scores = [0.5f, 0.5f, 0.5f, 0.5f];
        bool[] truth = [true, false, false, false];
        Assert.Equal(0.5, MultiLabelMetrics.RocAuc(scores, truth));
        Assert.Equal(0.25, MultiLabelMetrics.AveragePrecision(scores, truth));
    }

    [Fact]
    public void MultiLabelMetrics_NegativeZero_TiesWithZero() =>
        Assert.Equal(0.5, MultiLabelMetrics.RocAuc([0f, -0f], [true, false]));

    [Fact]
    public void MultiLabelMetrics_OneClassOnly_HasNoRocAuc()
    {
        Assert.Null(MultiLabelMetrics.RocAuc([0.1f, 0.9f], [true, true]));
        Assert.Null(MultiLabelMetrics.RocAuc([0.1f, 0.9f], [false, false]));
        Assert.Null(MultiLabelMetrics.RocAuc([], []));
        Assert.Null(MultiLabelMetrics.AveragePrecision([0.1f, 0.9f], [false, false]));
        Assert.Equal(1, MultiLabelMetrics.AveragePrecision([0.1f, 0.9f], [true, true]));
    }

    // log(1 + e^-2) for a logit of 2 that is true, 2 more for one that is not.
    [Fact]
    public void MultiLabelMetrics_LossFromLogits_IsStableFarOut()
    {
        Assert.Equal(0.12692801104297263, MultiLabelMetrics.LossFromLogits([2f], [true]), 1e-15);
        Assert.Equal(2.1269280110429727, MultiLabelMetrics.LossFromLogits([2f], [false]), 1e-15);
        Assert.Equal(Math.Log(2), MultiLabelMetrics.LossFromLogits([0f], [true]), 1e-15);
        Assert.Equal(1e30, MultiLabelMetrics.LossFromLogits([1e30f], [false]), 1e23);
        Assert.Equal(0, MultiLabelMetrics.LossFromLogits([-1e30f], [false]));
        Assert.Equal(0, MultiLabelMetrics.LossFromLogits([], []));

        // e^-40, far below the last bit of 1: log(1 + x) would give 0.
        Assert.Equal(4.248354255291589e-18, MultiLabelMetrics.LossFromLogits([40f], [true]), 1e-30);
    }

    [Fact]
    public void MultiLabelMetrics_LossFromProbabilities_StopsAtAHundred()
    {
        Assert.Equal(100, MultiLabelMetrics.LossFromProbabilities([0f], [true]));
        Assert.Equal(100, MultiLabelMetrics.LossFromProbabilities([1f], [false]));
        Assert.Equal(0, MultiLabelMetrics.LossFromProbabilities([1f, 0f], [true, false]));
    }

    [Fact]
    public void MultiLabelMetrics_NothingPredictedOrTrue_GivesZeros()
    {
        DecisionCounts counts = MultiLabelMetrics.Count([false, false], [false, false]);
        Assert.Equal(new DecisionCounts(0, 0, 0, 2), counts);
        Assert.Equal(default, counts.Scores);
        Assert.Equal(default, MultiLabelMetrics.MacroMean([]));
        Assert.Equal(default, MultiLabelMetrics.SupportWeightedMean([counts]));
        Assert.Equal(default, MultiLabelMetrics.MicroMean([]));
    }

    [Fact]
    public void MultiLabelMetrics_DifferentLengths_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => MultiLabelMetrics.RocAuc([0.5f], [true, false]));
        Assert.Throws<ArgumentException>(() => MultiLabelMetrics.Count([true], []));
        Assert.Throws<ArgumentException>(() => MultiLabelMetrics.LossFromLogits([0.5f], []));
        Assert.Contains("score 1 is 2", Assert.Throws<ArgumentException>(() => MultiLabelMetrics.RocAuc([0.5f, 2f], [true, false])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calibration_EdgesOfBins_BelongToTheUpperBin()
    {
        Calibration calibration = Calibration.Compute([0f, 0.25f, 0.5f, 1f], [false, true, false, true], binCount: 4);
        Assert.Equal([1L, 1L, 1L, 1L], calibration.Bins.Select(bin => bin.Count));
        Assert.Equal((0 + 0.75 + 0.5 + 0) / 4, calibration.ExpectedError);
        Assert.Equal(0.75, calibration.Bins[3].Start);
        Assert.Equal(1, calibration.Bins[3].End);
    }

    [Fact]
    public void Calibration_WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Compute([], [], binCount: 0));
        Assert.Throws<ArgumentException>(() => Calibration.Compute([0.5f], []));
        Assert.Equal(0, Calibration.Compute([], []).ExpectedError);
    }
}
