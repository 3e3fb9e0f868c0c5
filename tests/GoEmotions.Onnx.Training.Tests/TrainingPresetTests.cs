using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests;

public sealed class TrainingPresetTests
{
    [Fact]
    public void Notebook_IsItsRecipeToTheLetter()
    {
        TrainingOptions options = TrainingPreset.Find("notebook").Options;
        Assert.Equal((128, 2e-5, 0.01, 8, 5), (options.MaxLength, options.LearningRate, options.Optimizer.WeightDecay, options.BatchSize, options.Epochs));
        Assert.Equal((LearningRateScheduleKind.Linear, 0.0, (double?)1.0, BestMetric.MicroF1), (options.Schedule, options.WarmupFraction, options.ClipNorm, options.BestMetric));
        Assert.Equal((0.9, 0.999, 1e-8), (options.Optimizer.Beta1, options.Optimizer.Beta2, options.Optimizer.Epsilon));
        Assert.Equal((ThresholdData.None, 0.2), (TrainingPreset.Notebook.Thresholds, new SplitOptions().DevFraction));
    }

    [Fact]
    public void Paper_IsItsRecipe()
    {
        TrainingOptions options = TrainingPreset.Find("paper").Options;
        Assert.Equal((50, 5e-5, 16, 4, 0.1), (options.MaxLength, options.LearningRate, options.BatchSize, options.Epochs, options.WarmupFraction));
    }

    [Fact]
    public void Find_UnknownName_NamesThose() =>
        Assert.Contains("default, notebook, paper", Assert.Throws<ArgumentException>(() => TrainingPreset.Find("nonsense")).Message);

    [Fact]
    public void PositiveWeighting_Balanced_IsNegativesPerPositive()
    {
        EmotionLabels labels = EmotionLabels.Create(["a", "b", "c"]);
        EmotionDataset dataset = EmotionDataset.Create(labels, [.. Enumerable.Range(0, 10).Select(index => new EmotionExample { Text = "t", Labels = index == 0 ? LabelSet.Create(0, 1) : LabelSet.Create(1), Source = "test", LineNumber = index + 1 })]);
        Assert.Equal([9f, 0.1f, 1f], PositiveWeighting.Parse("balanced").Of(dataset)!);
        Assert.Equal([3f, (float)Math.Sqrt(0.1), 1f], PositiveWeighting.Parse("sqrt").Of(dataset)!);
        Assert.Equal([2.5f, 2.5f, 1f], PositiveWeighting.Parse("2.5").Of(dataset)!);
        Assert.Null(PositiveWeighting.Parse("none").Of(dataset));
        Assert.Throws<ArgumentException>(() => PositiveWeighting.Parse("0"));
        Assert.Throws<ArgumentException>(() => PositiveWeighting.Parse("all"));
    }
}
