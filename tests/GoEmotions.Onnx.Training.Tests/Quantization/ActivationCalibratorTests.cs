using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Tests.Quantization;

public sealed class ActivationCalibratorTests(TrainedModel model) : IClassFixture<TrainedModel>
{
    [Theory]
    [InlineData(CalibrationMethod.MinMax, "min-max of 100 texts")]
    [InlineData(CalibrationMethod.Percentile, "percentile 99 of 100 texts")]
    [InlineData(CalibrationMethod.Entropy, "entropy of 100 texts")]
    public void ActivationCalibrator_EveryMethod_GivesARangeOfEachActivationWithinItsEnds(CalibrationMethod method, string description)
    {
        QuantizationOptions ends = Calibrate(new CalibrationOptions { MaxTexts = 100 });
        QuantizationOptions found = Calibrate(new CalibrationOptions { MaxTexts = 100, Method = method, Percentile = 99 });
        Assert.Equal(description, found.Calibration);
        Assert.Equal(
            ServingGraph.FromCheckpoint(model.Checkpoint).Activations.Keys.Order(),
            found.Ranges.Keys.Order());
        foreach ((string name, ActivationRange range) in found.Ranges)
        {
            Assert.InRange(range.Minimum, ends.Ranges[name].Minimum, range.Maximum);
            Assert.InRange(range.Maximum, range.Minimum, ends.Ranges[name].Maximum);
        }

        // Gelu's lowest value is -0.17; the head's tanh lies in [-1, 1], but for the rounding of its polynomial.
        Assert.InRange(found.Ranges["layer.0.inner"].Minimum, -0.1701f, 0);
        Assert.InRange(found.Ranges["classifier.input"].Maximum, 0, 1.000001f);
        Assert.Equal(method == CalibrationMethod.MinMax, found.Ranges["layer.1.input"] == ends.Ranges["layer.1.input"]);
    }

    [Fact]
    public void ActivationCalibrator_BadInput_IsRefused()
    {
        Assert.StartsWith("there is no text to calibrate with", Assert.Throws<ArgumentException>(() => ActivationCalibrator.Calibrate(model.Checkpoint, model.Tokenizer, [])).Message);
        Assert.Throws<ArgumentException>(() => Calibrate(new CalibrationOptions { Percentile = 50 }));
        Assert.Throws<ArgumentException>(() => Calibrate(new CalibrationOptions { WeightBits = 4 }));
        ParameterSet broken = new([.. model.Checkpoint.Parameters.Select(parameter => new Parameter(parameter.Name, parameter.Shape, parameter.Values.ToArray()))]);
        broken["bert.encoder.layer.0.intermediate.dense.bias"].Values.Span[3] = float.NaN;
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ActivationCalibrator.Calibrate(model.Checkpoint with { Parameters = broken }, model.Tokenizer, model.Texts));
        Assert.StartsWith("activation 'layer.0.inner' ranges over [NaN, NaN]", error.Message);
    }

    [Fact]
    public void ActivationHistogram_Without_CutsTheShareOfEachEnd()
    {
        float[] values = [.. Enumerable.Range(0, 100_001).Select(index => (index / 50_000f) - 1)];
        ActivationHistogram histogram = Fill(values);
        Assert.Equal(new ActivationRange(-1, 1), histogram.Without(0));
        ActivationRange cut = histogram.Without(0.1);

        // A bin is 1/2048 wide.
        Assert.Equal(-0.8f, cut.Minimum, 1e-3);
        Assert.Equal(0.8f, cut.Maximum, 1e-3);
    }

    [Fact]
    public void ActivationHistogram_LeastDivergence_CutsALoneOutlierAndKeepsAnEvenSpread()
    {
        float[] even = [.. Enumerable.Range(0, 100_001).Select(index => (index / 50_000f) - 1)];
        Assert.Equal(new ActivationRange(-1, 1), Fill(even).LeastDivergence());
        var random = new Random(3);
        float[] normal = [.. Enumerable.Range(0, 200_000).Select(_ => (float)(Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6)), 12f];
        ActivationRange range = Fill(normal).LeastDivergence();
        Assert.InRange(range.Maximum, 2.3, 6);
        Assert.InRange(range.Minimum, -6, -2.3);
    }

    [Fact]
    public void ActivationHistogram_OneValueOnly_HasARangeOfThatValue()
    {
        ActivationHistogram histogram = Fill([2f, 2f, 2f]);
        Assert.Equal(new ActivationRange(2, 2), histogram.Without(0.001));
        Assert.Equal(new ActivationRange(2, 2), histogram.LeastDivergence());
    }

    private static ActivationHistogram Fill(float[] values)
    {
        var histogram = new ActivationHistogram();
        histogram.ObserveEnds(values);
        histogram.Count(values);
        return histogram;
    }

    private QuantizationOptions Calibrate(CalibrationOptions options) => ActivationCalibrator.Calibrate(model.Checkpoint, model.Tokenizer, model.Texts, options);
}
