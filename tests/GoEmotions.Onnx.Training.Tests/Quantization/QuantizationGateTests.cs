using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Tests.Quantization;

public sealed class QuantizationGateTests
{
    private static readonly LabelThresholds Thresholds = LabelThresholds.Uniform(EmotionLabels.Create("joy", "fear"));

    private static readonly bool[] Truth = [true, false, false, true, true, true, false, false];

    private static readonly float[] Right = [1, -1, -1, 1, 1, 1, -1, -1];

    [Fact]
    public void QuantizationGate_SameDecisions_PassesWhateverTheLogits()
    {
        QuantizationGateResult result = new QuantizationGate().Judge(Thresholds, Right, Array.ConvertAll(Right, logit => logit * 0.5f), Truth);
        Assert.True(result.Passed);
        Assert.Equal(1, result.MacroF1);
        Assert.Equal(0, result.MicroF1Loss);
        Assert.Equal(0.5, result.MeanLogitError);
        Assert.Equal(0.5, result.LargestLogitError);
        Assert.Equal(4, result.Rows);
        Assert.Equal("passed: macro F1 1.0000 against 1.0000 (loses 0.0000, allowed 0.005), micro F1 1.0000 against 1.0000 (loses 0.0000, allowed 0.005) on 4 texts; logits differ by 0.5000 on average, 0.5000 at most", result.Describe());
    }

    [Theory]
    [InlineData(0.1, 0.1, false)]
    [InlineData(0.17, 0.1, false)]
    [InlineData(0.1, 0.15, false)]
    [InlineData(0.17, 0.15, true)]
    public void QuantizationGate_OneLabelMissed_PassesWhereBothLossesAreAllowed(double macro, double micro, bool passes)
    {
        // 'joy' is found once of twice: its F1 is 2/3, macro F1 5/6, micro F1 6/7.
        float[] variant = [-0.5f, -1, -1, 1, 1, 1, -1, -1];
        QuantizationGateResult result = new QuantizationGate { MaxMacroF1Loss = macro, MaxMicroF1Loss = micro }.Judge(Thresholds, Right, variant, Truth);
        Assert.Equal(1 / 6.0, result.MacroF1Loss, 1e-12);
        Assert.Equal(1 / 7.0, result.MicroF1Loss, 1e-12);
        Assert.Equal(passes, result.Passed);
        Assert.StartsWith(passes ? "passed" : "failed", result.Describe());
        Assert.Equal(1.5, result.LargestLogitError);
    }

    [Fact]
    public void QuantizationGate_ShapesThatDiffer_AreRefused() =>
        Assert.StartsWith("the variant has 6 logits, expected 8", Assert.Throws<ArgumentException>(() => new QuantizationGate().Judge(Thresholds, Right, Right.AsSpan(0, 6), Truth)).Message);
}
