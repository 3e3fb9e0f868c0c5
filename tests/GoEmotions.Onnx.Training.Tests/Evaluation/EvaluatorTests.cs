using System.Text;
using System.Text.Json;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

/// <summary>
/// Four rows and three labels, worked out by hand:
/// <code>
/// row  truth   scores           predicted at 0.5
/// 0    1 0 0   0.9  0.2  0.1    1 0 0   right
/// 1    0 1 0   0.8  0.6  0.2    1 1 0   joy wrong
/// 2    1 1 0   0.7  0.4  0.3    1 0 0   fear missed
/// 3    0 0 0   0.1  0.6  0.7    0 1 1   fear and grief wrong
/// </code>
/// joy: TP 2, FP 1, FN 0. fear: TP 1, FP 1, FN 1. grief: TP 0, FP 1, FN 0, no positive.
/// </summary>
public sealed class EvaluatorTests
{
    private static readonly EmotionLabels Labels = EmotionLabels.Create("joy", "fear", "grief");
    private static readonly float[] Scores = [0.9f, 0.2f, 0.1f, 0.8f, 0.6f, 0.2f, 0.7f, 0.4f, 0.3f, 0.1f, 0.6f, 0.7f];
    private static readonly bool[] Truth = [true, false, false, false, true, false, true, true, false, false, false, false];

    private static EvaluationInput Input { get; } = new() { Labels = Labels, Scores = Scores, Truth = Truth, Bootstrap = null };

    [Fact]
    public void Evaluator_HandComputedCase_CountsOutcomes()
    {
        EvaluationResult result = Evaluator.Evaluate(Input);
        Assert.Equal(4, result.Rows);
        Assert.Equal(new DecisionCounts(2, 1, 0, 1), result.PerLabel[0].Counts);
        Assert.Equal(new DecisionCounts(1, 1, 1, 1), result.PerLabel[1].Counts);
        Assert.Equal(new DecisionCounts(0, 1, 0, 3), result.PerLabel[2].Counts);
        Assert.Equal(new DecisionCounts(3, 3, 1, 5), result.Pooled);
        Assert.Equal(0.25, result.SubsetAccuracy);
        Assert.Equal(4.0 / 12, result.HammingLoss);
    }

    [Fact]
    public void Evaluator_HandComputedCase_GivesPrecisionRecallAndF1()
    {
        EvaluationResult result = Evaluator.Evaluate(Input);
        AssertScores(new(2.0 / 3, 1, 0.8), result.PerLabel[0].Counts.Scores);
        AssertScores(new(0.5, 0.5, 0.5), result.PerLabel[1].Counts.Scores);
        AssertScores(default, result.PerLabel[2].Counts.Scores);
        AssertScores(new(3.0 / 6, 3.0 / 4, 6.0 / 10), result.Micro);
        AssertScores(new((2.0 / 3 + 0.5) / 3, 1.5 / 3, 1.3 / 3), result.Macro);
        AssertScores(new((2 * 2.0 / 3 + 2 * 0.5) / 4, 3.0 / 4, 2.6 / 4), result.Weighted);
    }

    // joy: positives 0.9 and 0.7 against 0.8 and 0.1 win 3 of 4 pairs. fear: 0.6 and 0.4 against 0.2 and 0.6:
    // 0.6 beats 0.2 and ties with 0.6, 0.4 beats 0.2: 2.5 of 4. Pooled: 4 positives, 8 negatives;
    // 0.9 wins 8, 0.7 wins 6 and ties 1, 0.6 wins 5 + half of the tie with 0.6, 0.4 wins 5 = 8 + 6.5 + 5.5 + 5 of 32.
    [Fact]
    public void Evaluator_HandComputedCase_GivesRocAuc()
    {
        EvaluationResult result = Evaluator.Evaluate(Input);
        Assert.Equal(0.75, result.PerLabel[0].RocAuc);
        Assert.Equal(0.625, result.PerLabel[1].RocAuc);
        Assert.Null(result.PerLabel[2].RocAuc);
        Assert.Equal(0.6875, result.RocAucMacro);
        Assert.Equal(25.0 / 32, result.RocAucMicro);
        Assert.Equal(["grief"], result.LabelsWithoutPositives);
        Assert.Empty(result.LabelsWithoutNegatives);
    }

    // On decisions: joy (1 + 1/2) / 2, fear (1/2 + 1/2) / 2, pooled (3/4 + 5/8) / 2.
    [Fact]
    public void Evaluator_HandComputedCase_GivesRocAucOfThresholdedDecisions()
    {
        EvaluationResult result = Evaluator.Evaluate(Input);
        Assert.Equal(0.75, result.PerLabel[0].Counts.RocAucThresholded);
        Assert.Equal(0.5, result.PerLabel[1].Counts.RocAucThresholded);
        Assert.Null(result.PerLabel[2].Counts.RocAucThresholded);
        Assert.Equal(0.625, result.RocAucMacroThresholded);
        Assert.Equal(0.6875, result.RocAucMicroThresholded);
    }

    // joy: 0.9 true (1/2 x 1), 0.8 not, 0.7 true (1/2 x 2/3) = 5/6. fear: at 0.6 one of two (1/2 x 1/2), at 0.4 two of three (1/2 x 2/3) = 7/12.
    [Fact]
    public void Evaluator_HandComputedCase_GivesAveragePrecision()
    {
        EvaluationResult result = Evaluator.Evaluate(Input);
        Assert.Equal(5.0 / 6, result.PerLabel[0].AveragePrecision!.Value, 1e-15);
        Assert.Equal(7.0 / 12, result.PerLabel[1].AveragePrecision!.Value, 1e-15);
        Assert.Null(result.PerLabel[2].AveragePrecision);
        Assert.Equal((5.0 / 6 + 7.0 / 12) / 2, result.AveragePrecisionMacro!.Value, 1e-15);
    }

    [Fact]
    public void Evaluator_HandComputedCase_CountsPairs()
    {
        EvaluationResult result = Evaluator.Evaluate(Input);
        Assert.Equal(2, result.TruthPairs[0, 0]);
        Assert.Equal(1, result.TruthPairs[0, 1]);
        Assert.Equal(1, result.TruthPairs[1, 0]);
        Assert.Equal(0, result.TruthPairs[2, 2]);
        Assert.Equal(1, result.PredictedPairs[1, 2]);
        Assert.Equal(3, result.PredictedPairs[0, 0]);

        // The only miss, fear in row 2, stands beside no wrong prediction.
        Assert.Empty(result.TopConfusions(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => result.TruthPairs[0, 3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => result.TruthPairs[-1, 0]);
    }

    [Fact]
    public void Evaluator_MissBesideWrongPrediction_IsAConfusion()
    {
        EvaluationInput input = Input with
        {
            Scores = new float[] { 0.1f, 0.9f, 0.1f, 0.1f, 0.9f, 0.9f, 0.9f, 0.9f, 0.1f },
            Truth = new[] { true, false, false, true, false, false, true, false, false },
        };
        EvaluationResult result = Evaluator.Evaluate(input);
        Assert.Equal([new LabelConfusion(0, 1, 2), new LabelConfusion(0, 2, 1)], result.TopConfusions(10));
        Assert.Equal([new LabelConfusion(0, 1, 2)], result.TopConfusions(1));
    }

    // Bins of 1/15: every score of joy lies alone in its bin, so the error is the mean of |truth - score|.
    [Fact]
    public void Evaluator_HandComputedCase_GivesCalibrationError()
    {
        EvaluationResult result = Evaluator.Evaluate(Input);
        Assert.Equal((0.1 + 0.8 + 0.3 + 0.1) / 4, result.PerLabel[0].Calibration.ExpectedError, 1e-7);

        // fear has 0.6 twice, true once: |0.5 - 0.6| for both.
        Assert.Equal((0.2 + 2 * 0.1 + 0.6) / 4, result.PerLabel[1].Calibration.ExpectedError, 1e-7);
        Assert.Equal(15, result.Calibration.Bins.Count);
        Assert.Equal(12, result.Calibration.Bins.Sum(bin => bin.Count));
    }

    // log is the natural one: -(ln 0.9 + ln 0.8 + ln 0.9 + ln 0.2 + ln 0.6 + ln 0.8 + ln 0.7 + ln 0.4 + ln 0.7 + ln 0.9 + ln 0.4 + ln 0.3) / 12.
    [Fact]
    public void Evaluator_HandComputedCase_GivesTheLoss() =>
        Assert.Equal(0.552711, Evaluator.Evaluate(Input).Loss, 1e-6);

    [Fact]
    public void Evaluator_Logits_GiveTheLossWhereProbabilitiesHaveRounded()
    {
        var labels = EmotionLabels.Create("joy");
        EvaluationInput input = Input with { Labels = labels, Scores = new[] { 1f, 0f }, Truth = new[] { false, true }, Logits = new[] { 200f, -50f } };
        Assert.Equal(125, Evaluator.Evaluate(input).Loss, 1e-12);
        Assert.Equal(100, Evaluator.Evaluate(input with { Logits = default }).Loss, 1e-12);
    }

    [Fact]
    public void Evaluator_ScoreAtTheThreshold_IsPredicted()
    {
        EvaluationInput input = Input with { Thresholds = LabelThresholds.Create(Labels, [0.9f, 0.6f, 1f]) };
        Assert.Equal([1L, 2L, 0L], Evaluator.Evaluate(input).PerLabel.Select(label => label.Counts.Predicted));
    }

    [Fact]
    public void Evaluator_Bootstrap_GivesIntervalsAroundTheValues()
    {
        EvaluationResult result = Evaluator.Evaluate(Input with { Bootstrap = new BootstrapOptions { Resamples = 200 } });
        Assert.InRange(result.Micro.F1, result.Intervals!.MicroF1.Lower, result.Intervals.MicroF1.Upper);
        Assert.Equal(3, result.Intervals.PerLabelF1.Count);
        Assert.Null(Evaluator.Evaluate(Input).Intervals);
    }

    [Fact]
    public void Evaluator_InputThatDoesNotFit_SaysWhereAndWhatWasExpected()
    {
        AssertRefused(Input with { Scores = new float[11] }, "'scores' has 11 elements, expected rows x 3 labels");
        AssertRefused(Input with { Scores = ReadOnlyMemory<float>.Empty }, "'scores' has 0 elements");
        AssertRefused(Input with { Truth = new bool[9] }, "'truth' has 9 elements, expected 12");
        AssertRefused(Input with { Scores = ScoresWith(4, float.NaN) }, "row 1 of label 'fear' is NaN, expected a probability in [0, 1]");
        AssertRefused(Input with { Scores = ScoresWith(11, 1.5f) }, "row 3 of label 'grief' is 1.5");
        AssertRefused(Input with { Scores = ScoresWith(0, -0.1f) }, "row 0 of label 'joy' is -0.1");
        AssertRefused(Input with { Logits = new float[3] }, "'logits' has 3 elements, expected 12");
        AssertRefused(Input with { Logits = ScoresWith(1, float.PositiveInfinity) }, "the logit in row 0 of label 'fear' is Infinity");
        AssertRefused(Input with { Texts = ["one"] }, "'Texts' has 1 elements, expected 4");
        AssertRefused(Input with { Thresholds = LabelThresholds.Uniform(EmotionLabels.Create("fear", "joy", "grief")) }, "in the same order");
    }

    [Fact]
    public void EvaluationResult_Json_HasTheNamesAndIsTheSameEachTime()
    {
        EvaluationInput input = Input with { Bootstrap = new BootstrapOptions { Resamples = 50 } };
        string json = Json(Evaluator.Evaluate(input));
        Assert.Equal(json, Json(Evaluator.Evaluate(input)));
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        Assert.Equal(4, root.GetProperty("rows").GetInt32());
        Assert.Equal(0.6, root.GetProperty("micro_f1").GetDouble());
        Assert.Equal(0.4333333333, root.GetProperty("macro_f1").GetDouble());
        Assert.Equal(0.65, root.GetProperty("weighted_f1").GetDouble());
        Assert.Equal(0.25, root.GetProperty("subset_accuracy").GetDouble());
        Assert.Equal(0.3333333333, root.GetProperty("hamming_loss").GetDouble());
        Assert.Equal(0.78125, root.GetProperty("roc_auc_micro").GetDouble());
        Assert.Equal(0.552711, root.GetProperty("loss").GetDouble(), 1e-6);
        JsonElement grief = root.GetProperty("per_label").GetProperty("grief");
        Assert.Equal(JsonValueKind.Null, grief.GetProperty("roc_auc").ValueKind);
        Assert.Equal(JsonValueKind.Null, grief.GetProperty("average_precision").ValueKind);
        Assert.Equal(0, grief.GetProperty("support").GetInt32());
        Assert.Equal(2, root.GetProperty("per_label").GetProperty("joy").GetProperty("f1_interval").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("thresholds_tuned_on").ValueKind);
        Assert.Equal("grief", root.GetProperty("labels_without_positives")[0].GetString());
        Assert.Equal(3, root.GetProperty("truth_pairs").GetArrayLength());
        Assert.Equal(0.95, root.GetProperty("intervals").GetProperty("confidence").GetDouble());
        Assert.DoesNotContain("\r", json, StringComparison.Ordinal);
    }

    private static string Json(EvaluationResult result)
    {
        using var stream = new MemoryStream();
        result.WriteJson(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static float[] ScoresWith(int index, float value)
    {
        float[] scores = [.. Scores];
        scores[index] = value;
        return scores;
    }

    private static void AssertRefused(EvaluationInput input, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => Evaluator.Evaluate(input)).Message, StringComparison.Ordinal);

    private static void AssertScores(PrecisionRecallF1 expected, PrecisionRecallF1 actual)
    {
        Assert.Equal(expected.Precision, actual.Precision, 1e-15);
        Assert.Equal(expected.Recall, actual.Recall, 1e-15);
        Assert.Equal(expected.F1, actual.F1, 1e-15);
    }
}
