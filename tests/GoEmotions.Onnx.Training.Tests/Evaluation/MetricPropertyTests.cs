using FsCheck.Xunit;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

[Properties(Arbitrary = [typeof(ScoredCase)], MaxTest = 300)]
public sealed class MetricPropertyTests
{
    [Property]
    public void Evaluator_AnyInput_StaysInTheBoundsOfEachMetric(ScoredCase sample)
    {
        EvaluationResult result = sample.Evaluate();
        double?[] units =
        [
            result.Micro.F1, result.Micro.Precision, result.Micro.Recall, result.Macro.F1, result.Weighted.F1,
            result.SubsetAccuracy, result.HammingLoss, result.RocAucMicro, result.RocAucMacro, result.RocAucMicroThresholded,
            result.RocAucMacroThresholded, result.AveragePrecisionMicro, result.AveragePrecisionMacro,
            result.Calibration.ExpectedError, result.CalibrationErrorMacro,
            .. result.PerLabel.SelectMany(label => new[] { label.RocAuc, label.AveragePrecision, label.Counts.F1, label.Calibration.ExpectedError }),
        ];
        Assert.All(units.OfType<double>(), value => Assert.InRange(value, 0, 1));
        Assert.InRange(result.Loss, 0, 100);
        Assert.True(1 - result.HammingLoss >= result.SubsetAccuracy - 1e-12);
    }

    [Property]
    public void Evaluator_RowsInAnotherOrder_GivesTheSame(ScoredCase sample, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, sample.RowCount)];
        var random = new DeterministicRandom((long)seed);
        for (int last = order.Length - 1; last > 0; last--)
        {
            int other = random.Next(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        var shuffled = new ScoredCase(
            sample.LabelCount,
            [.. order.SelectMany(row => sample.Scores[(row * sample.LabelCount)..((row + 1) * sample.LabelCount)])],
            [.. order.SelectMany(row => sample.Truth[(row * sample.LabelCount)..((row + 1) * sample.LabelCount)])]);
        EvaluationResult expected = sample.Evaluate();
        EvaluationResult actual = shuffled.Evaluate();
        Assert.Equal(expected.Pooled, actual.Pooled);
        Assert.Equal(expected.Macro, actual.Macro);
        Assert.Equal(expected.SubsetAccuracy, actual.SubsetAccuracy);
        Assert.Equal(expected.RocAucMicro, actual.RocAucMicro);
        Assert.Equal(expected.RocAucMacro, actual.RocAucMacro);
        Assert.Equal(expected.AveragePrecisionMacro, actual.AveragePrecisionMacro);

        // Sums of floats in another order may differ in their last digits.
        Assert.Equal(expected.Loss, actual.Loss, 1e-9);
        Assert.Equal(expected.Calibration.ExpectedError, actual.Calibration.ExpectedError, 1e-9);
    }

    [Property]
    public void Evaluator_MicroScores_AreThoseOfThePooledCounts(ScoredCase sample)
    {
        EvaluationResult result = sample.Evaluate();
        long truePositives = 0;
        long predicted = 0;
        long support = 0;
        for (int index = 0; index < sample.Scores.Length; index++)
        {
            predicted += sample.Scores[index] >= 0.5f ? 1 : 0;
            support += sample.Truth[index] ? 1 : 0;
            truePositives += sample.Scores[index] >= 0.5f && sample.Truth[index] ? 1 : 0;
        }

        Assert.Equal(predicted + support == 0 ? 0 : 2.0 * truePositives / (predicted + support), result.Micro.F1);
        Assert.Equal(predicted, result.Pooled.Predicted);
        Assert.Equal(support, result.Pooled.Support);
    }

    [Property]
    public void Evaluator_PerfectScores_GiveThePerfectValues(ScoredCase sample)
    {
        var perfect = sample with { Scores = [.. sample.Truth.Select(isTrue => isTrue ? 1f : 0f)] };
        EvaluationResult result = perfect.Evaluate();
        Assert.Equal(1, result.SubsetAccuracy);
        Assert.Equal(0, result.HammingLoss);
        Assert.Equal(0, result.Loss);
        Assert.Equal(0, result.Calibration.ExpectedError);
        Assert.Equal(sample.Truth.Contains(true) ? 1 : 0, result.Micro.F1);
        Assert.All(result.PerLabel, label => Assert.True(label.RocAuc is null or 1));
        Assert.All(result.PerLabel, label => Assert.True(label.AveragePrecision is null or 1));
    }

    [Property]
    public void Evaluator_WorstScores_GiveTheWorstValues(ScoredCase sample)
    {
        var worst = sample with { Scores = [.. sample.Truth.Select(isTrue => isTrue ? 0f : 1f)] };
        EvaluationResult result = worst.Evaluate();
        Assert.Equal(0, result.SubsetAccuracy);
        Assert.Equal(1, result.HammingLoss);
        Assert.Equal(100, result.Loss);
        Assert.Equal(1, result.Calibration.ExpectedError);
        Assert.Equal(0, result.Micro.F1);
        Assert.All(result.PerLabel, label => Assert.True(label.RocAuc is null or 0));
    }

    [Property]
    public void MultiLabelMetrics_RocAuc_IsTheShareOfPairsInOrder(ScoredCase sample)
    {
        for (int label = 0; label < sample.LabelCount; label++)
        {
            float[] scores = sample.ScoresOf(label);
            bool[] truth = sample.TruthOf(label);
            double wins = 0;
            long pairs = 0;
            for (int positive = 0; positive < scores.Length; positive++)
            {
                for (int negative = 0; negative < scores.Length; negative++)
                {
                    if (truth[positive] && !truth[negative])
                    {
                        wins += scores[positive] > scores[negative] ? 1 : scores[positive] == scores[negative] ? 0.5 : 0;
                        pairs++;
                    }
                }
            }

            double? actual = MultiLabelMetrics.RocAuc(scores, truth);
            Assert.Equal(pairs == 0 ? null : wins / pairs, actual);
        }
    }

    [Property]
    public void MultiLabelMetrics_RocAucOfReversedScores_IsTheComplement(ScoredCase sample)
    {
        float[] reversed = [.. sample.Scores.Select(score => 1 - score)];
        double? straight = MultiLabelMetrics.RocAuc(sample.Scores, sample.Truth);
        double? complement = MultiLabelMetrics.RocAuc(reversed, sample.Truth);
        Assert.Equal(straight is null, complement is null);

        // 1 - score may round two neighbouring floats to one, so the steps of a million are left out.
        if (straight is double value && sample.Scores.Distinct().Count() == reversed.Distinct().Count())
        {
            Assert.Equal(1 - value, complement!.Value, 1e-12);
        }
    }

    [Property]
    public void MultiLabelMetrics_LossFromLogits_AgreesWithThatOfProbabilities(ScoredCase sample)
    {
        float[] logits = [.. sample.Scores.Select(score => (score - 0.5f) * 12)];
        float[] probabilities = [.. logits.Select(logit => (float)(1 / (1 + Math.Exp(-logit))))];

        // A float probability near 1 keeps 24 bits: at logit 6 its complement of 0.0025 is known to 2e-5 of itself.
        Assert.Equal(MultiLabelMetrics.LossFromProbabilities(probabilities, sample.Truth), MultiLabelMetrics.LossFromLogits(logits, sample.Truth), 1e-4);
    }

    [Property]
    public void Evaluator_PairCounts_AgreeWithCountingRows(ScoredCase sample)
    {
        EvaluationResult result = sample.Evaluate();
        for (int first = 0; first < sample.LabelCount; first++)
        {
            for (int second = 0; second < sample.LabelCount; second++)
            {
                int bothTrue = 0;
                int bothPredicted = 0;
                int confused = 0;
                for (int row = 0; row < sample.RowCount; row++)
                {
                    int start = row * sample.LabelCount;
                    bool firstTrue = sample.Truth[start + first];
                    bool secondTrue = sample.Truth[start + second];
                    bool firstPredicted = sample.Scores[start + first] >= 0.5f;
                    bool secondPredicted = sample.Scores[start + second] >= 0.5f;
                    bothTrue += firstTrue && secondTrue ? 1 : 0;
                    bothPredicted += firstPredicted && secondPredicted ? 1 : 0;
                    confused += firstTrue && !firstPredicted && secondPredicted && !secondTrue ? 1 : 0;
                }

                Assert.Equal(bothTrue, result.TruthPairs[first, second]);
                Assert.Equal(bothPredicted, result.PredictedPairs[first, second]);
                Assert.Equal(confused, result.Confusions[first, second]);
            }
        }
    }
}
