using FsCheck.Xunit;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

[Properties(Arbitrary = [typeof(ScoredCase)], MaxTest = 300)]
public sealed class ThresholdSearchTests
{
    private static readonly EmotionLabels One = EmotionLabels.Create("joy");
    private static readonly ThresholdSearchOptions NoFloor = new() { MinimumPositives = 1 };

    [Property]
    public void ThresholdSearch_AnyOtherThreshold_GivesNoHigherF1(ScoredCase sample)
    {
        ThresholdSearchResult result = ThresholdSearch.Find(sample.Labels, sample.Scores, sample.Truth, NoFloor);
        for (int label = 0; label < sample.LabelCount; label++)
        {
            float[] scores = sample.ScoresOf(label);
            bool[] truth = sample.TruthOf(label);
            float chosen = result.Thresholds[label];
            double best = F1(scores, truth, chosen);
            Assert.Equal(best, result.Choices[label].F1, 1e-15);
            Assert.Equal(truth.Count(isTrue => isTrue), result.Choices[label].Positives);

            // Every score, the floats just above and below it, and both ends: no other threshold decides differently from one of these.
            IEnumerable<float> others = scores
                .SelectMany(score => new[] { score, MathF.BitIncrement(score), MathF.BitDecrement(score) })
                .Concat([0f, 1f, 0.5f])
                .Where(threshold => threshold is >= 0 and <= 1);
            Assert.All(others, other => Assert.True(F1(scores, truth, other) <= best, $"{other} gives {F1(scores, truth, other)}, {chosen} gives {best}"));
        }
    }

    [Property]
    public void ThresholdSearch_PooledThreshold_IsTheBestForMicroF1(ScoredCase sample)
    {
        ThresholdSearchResult result = ThresholdSearch.Find(sample.Labels, sample.Scores, sample.Truth);
        double best = F1(sample.Scores, sample.Truth, result.Pooled.Threshold);
        Assert.Equal(best, result.Pooled.F1, 1e-15);
        Assert.All(sample.Scores, other => Assert.True(F1(sample.Scores, sample.Truth, other) <= best));
    }

    [Fact]
    public void ThresholdSearch_SeparableScores_TakesTheMiddleOfTheGap()
    {
        ThresholdChoice choice = Find([0.125f, 0.25f, 0.5f, 0.875f], [false, false, true, true], NoFloor);
        Assert.Equal(0.375f, choice.Threshold);
        Assert.Equal(1, choice.F1);
        Assert.False(choice.IsFallback);
    }

    [Fact]
    public void ThresholdSearch_AllTrue_TakesHalfTheLowestScore() =>
        Assert.Equal(0.25f, Find([0.5f, 0.75f], [true, true], NoFloor).Threshold);

    [Fact]
    public void ThresholdSearch_LowestScoreZeroAndTrue_TakesZero() =>
        Assert.Equal(0f, Find([0f, 0f, 0f], [true, true, false], NoFloor).Threshold);

    // Cuts above 0.75 and above 0.25 both give F1 = 2/3 (1 of 1 and 2 of 4 predicted right, 2 true).
    [Theory]
    [InlineData(0.9f, 0.6875f)]
    [InlineData(0.1f, 0.125f)]
    public void ThresholdSearch_EqualF1_TakesTheOneNearestToTheDefault(float defaultThreshold, float expected)
    {
        ThresholdChoice choice = Find([0.75f, 0.625f, 0.5f, 0.25f], [true, false, false, true], NoFloor with { DefaultThreshold = defaultThreshold });
        Assert.Equal(2.0 / 3, choice.F1, 1e-15);
        Assert.Equal(expected, choice.Threshold);
    }

    [Fact]
    public void ThresholdSearch_NeighbouringFloats_SeparatesThem()
    {
        float above = MathF.BitIncrement(0.5f);
        ThresholdChoice choice = Find([0.5f, above], [false, true], NoFloor);
        Assert.Equal(above, choice.Threshold);
        Assert.Equal(1, choice.F1);
    }

    // Of every 100 rows of a probability, as many are true: the probabilities are honest, and the rows are what they expect.
    [Fact]
    public void ThresholdSearch_ExpectedF1OfHonestProbabilities_IsTheHighestAndTwiceTheThreshold()
    {
        (float[] scores, bool[] truth) = RowsOf(rowsOfEach: 100, score => score);
        ThresholdChoice expected = Find(scores, truth, NoFloor with { Method = ThresholdMethod.ExpectedF1 });
        ThresholdChoice highest = Find(scores, truth, NoFloor);
        Assert.Equal(highest.Threshold, expected.Threshold);

        // Lipton, Elkan and Narayanaswamy 2014; probabilities are 0.1 apart here.
        Assert.Equal(expected.F1 / 2, expected.Threshold, 0.1);
    }

    [Fact]
    public void ThresholdSearch_OneRowsTruth_MovesTheExpectedF1sThresholdLess()
    {
        (float[] scores, bool[] truth) = RowsOf(rowsOfEach: 10, score => score * score);
        int row = Array.FindIndex(truth, isTrue => isTrue);
        bool[] other = [.. truth];
        other[row] = false;
        Assert.True(Difference(ThresholdMethod.ExpectedF1) <= Difference(ThresholdMethod.HighestF1));

        float Difference(ThresholdMethod method) =>
            Math.Abs(Find(scores, truth, NoFloor with { Method = method }).Threshold - Find(scores, other, NoFloor with { Method = method }).Threshold);
    }

    [Property]
    public void ThresholdSearch_ExpectedF1_IsAThresholdLikeAnyOther(ScoredCase sample)
    {
        ThresholdSearchResult highest = ThresholdSearch.Find(sample.Labels, sample.Scores, sample.Truth, NoFloor);
        ThresholdSearchResult expected = ThresholdSearch.Find(sample.Labels, sample.Scores, sample.Truth, NoFloor with { Method = ThresholdMethod.ExpectedF1 });
        for (int label = 0; label < sample.LabelCount; label++)
        {
            Assert.InRange(expected.Thresholds[label], 0, 1);
            Assert.Equal(F1(sample.ScoresOf(label), sample.TruthOf(label), expected.Thresholds[label]), expected.Choices[label].F1, 1e-15);
            Assert.True(expected.Choices[label].F1 <= highest.Choices[label].F1 + 1e-15);
        }
    }

    // True by sigmoid(0.5 logit(p) - 1): too sure of itself, and too often. 20,000 rows leave the prior no weight.
    [Fact]
    public void LogisticCalibration_ManyRows_FindsTheLine()
    {
        (float[] scores, bool[] truth) = RowsOf(rowsOfEach: 2000, score => 1 / (1 + Math.Exp(1 - (0.5 * Math.Log(score / (1 - score))))));
        var line = LogisticCalibration.Fit(RankedScores.Rank(scores, truth));
        Assert.Equal(0.5, line.Slope, 0.005);
        Assert.Equal(-1, line.Intercept, 0.005);
    }

    [Theory]
    [InlineData(new[] { 0f, 1f, 1f, 0f }, new[] { true, false, true, false })]
    [InlineData(new[] { 0.25f, 0.5f }, new[] { true, true })]
    [InlineData(new[] { 0.25f, 0.5f }, new[] { false, false })]
    [InlineData(new[] { 0.01f, 0.99f }, new[] { true, false })]
    public void LogisticCalibration_FewRows_StaysFinite(float[] scores, bool[] truth)
    {
        var line = LogisticCalibration.Fit(RankedScores.Rank(scores, truth));
        Assert.True(double.IsFinite(line.Slope) && double.IsFinite(line.Intercept), $"{line}");
        Assert.InRange(line.Apply(0), 0, 1);
        Assert.InRange(line.Apply(1), 0, 1);
    }

    [Fact]
    public void ThresholdSearch_FewPositives_GetTheFallbackOfTheOptions()
    {
        EmotionLabels labels = EmotionLabels.Create("common", "rare");
        float[] scores = [0.9f, 0.1f, 0.8f, 0.1f, 0.7f, 0.1f, 0.1f, 0.3f];
        bool[] truth = [true, false, true, false, true, false, false, true];
        ThresholdSearchResult pooled = ThresholdSearch.Find(labels, scores, truth, new ThresholdSearchOptions { MinimumPositives = 2 });
        Assert.Equal(["rare"], pooled.FallbackLabels);
        Assert.Equal(pooled.Pooled.Threshold, pooled.Thresholds[1]);
        Assert.Equal(0.2f, pooled.Pooled.Threshold, 1e-6f);
        Assert.Equal(1, pooled.Choices[1].F1);

        ThresholdSearchResult @fixed = ThresholdSearch.Find(labels, scores, truth, new ThresholdSearchOptions { MinimumPositives = 2, Fallback = ThresholdFallback.Fixed });
        Assert.Equal(0.5f, @fixed.Thresholds[1]);
        Assert.Equal(0, @fixed.Choices[1].F1);
        Assert.Equal("dev", @fixed.Thresholds.Tuning!.Split);
        Assert.Equal(4, @fixed.Thresholds.Tuning.Rows);
        Assert.Equal("highest F1 of each label; 0.5 for labels with fewer than 2 positives", @fixed.Thresholds.Tuning.Method);
    }

    [Property]
    public void ThresholdSearch_PriorPositives_DrawTowardsThePooledThreshold(ScoredCase sample)
    {
        ThresholdSearchResult own = ThresholdSearch.Find(sample.Labels, sample.Scores, sample.Truth, NoFloor);
        ThresholdSearchResult drawn = ThresholdSearch.Find(sample.Labels, sample.Scores, sample.Truth, NoFloor with { PriorPositives = 5 });
        for (int label = 0; label < sample.LabelCount; label++)
        {
            float lower = Math.Min(own.Thresholds[label], own.Pooled.Threshold);
            float upper = Math.Max(own.Thresholds[label], own.Pooled.Threshold);
            Assert.InRange(drawn.Thresholds[label], lower - 1e-5f, upper + 1e-5f);
            Assert.Equal(F1(sample.ScoresOf(label), sample.TruthOf(label), drawn.Thresholds[label]), drawn.Choices[label].F1, 1e-15);
            Assert.True(drawn.Choices[label].F1 <= own.Choices[label].F1);
        }
    }

    // The label's own threshold is 0.8 (odds 4) with 3 positives, the pooled one 0.4 (odds 2/3) and worth 3: the geometric mean of the odds.
    [Fact]
    public void ThresholdSearch_PriorAsStrongAsTheLabel_TakesTheMiddleOfTheLogits()
    {
        EmotionLabels labels = EmotionLabels.Create("strict", "common");
        float[] scores = [0.9f, 0.1f, 0.9f, 0.1f, 0.9f, 0.1f, 0.7f, 0.7f, 0.7f, 0.7f, 0.1f, 0.7f, 0.1f, 0.7f, 0.1f, 0.7f];
        bool[] truth = [true, false, true, false, true, false, false, true, false, true, false, true, false, true, false, true];
        ThresholdSearchResult result = ThresholdSearch.Find(labels, scores, truth, NoFloor with { PriorPositives = 3 });
        Assert.Equal(0.4f, result.Pooled.Threshold, 1e-6f);
        double odds = Math.Sqrt(4 * (0.4 / 0.6));
        Assert.Equal(odds / (1 + odds), result.Thresholds[0], 1e-6);
        Assert.Contains("as by 3 positives", result.Thresholds.Tuning!.Method, StringComparison.Ordinal);
    }

    [Fact]
    public void ThresholdSearch_NothingTrue_GivesTheDefault()
    {
        ThresholdSearchResult result = ThresholdSearch.Find(One, [0.2f, 0.9f], [false, false]);
        Assert.Equal(0.5f, result.Thresholds[0]);
        Assert.True(result.Choices[0].IsFallback);
        Assert.Equal(0, result.Pooled.F1);
    }

    [Fact]
    public void ThresholdSearch_OptionsOutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Find([0.5f], [true], new ThresholdSearchOptions { MinimumPositives = 0 }));
        Assert.Throws<ArgumentException>(() => Find([0.5f], [true], new ThresholdSearchOptions { DefaultThreshold = float.NaN }));
        Assert.Throws<ArgumentException>(() => Find([0.5f], [true], new ThresholdSearchOptions { Fallback = (ThresholdFallback)9 }));
        Assert.Throws<ArgumentException>(() => Find([0.5f], [true], new ThresholdSearchOptions { Method = (ThresholdMethod)9 }));
        Assert.Throws<ArgumentException>(() => Find([0.5f], [true], new ThresholdSearchOptions { Split = " " }));
        Assert.Throws<ArgumentException>(() => Find([0.5f], [true], new ThresholdSearchOptions { PriorPositives = -1 }));
        Assert.Throws<ArgumentException>(() => Find([0.5f], [true], new ThresholdSearchOptions { PriorPositives = double.NaN }));
    }

    private static ThresholdChoice Find(float[] scores, bool[] truth, ThresholdSearchOptions options) =>
        ThresholdSearch.Find(One, scores, truth, options).Choices[0];

    private static double F1(float[] scores, bool[] truth, float threshold)
    {
        int truePositives = scores.Zip(truth).Count(pair => pair.First >= threshold && pair.Second);
        int predicted = scores.Count(score => score >= threshold);
        int support = truth.Count(isTrue => isTrue);
        return predicted + support == 0 ? 0 : 2.0 * truePositives / (predicted + support);
    }

    // Ten probabilities from 0.05 to 0.95; of the rows of each, as many are true as the function says.
    private static (float[] Scores, bool[] Truth) RowsOf(int rowsOfEach, Func<double, double> trueShare)
    {
        float[] grid = [.. Enumerable.Range(0, 10).Select(step => 0.05f + (0.1f * step))];
        return (
            [.. grid.SelectMany(score => Enumerable.Repeat(score, rowsOfEach))],
            [.. grid.SelectMany(score => Enumerable.Range(0, rowsOfEach).Select(row => row < Math.Round(trueShare(score) * rowsOfEach)))]);
    }
}
