using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests.Optimization;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(LearningRateScheduleKind.Constant, new[] { 0.0, 0.5, 1, 1, 1, 1, 1, 1 })]
    [InlineData(LearningRateScheduleKind.Linear, new[] { 0.0, 0.5, 1, 0.75, 0.5, 0.25, 0, 0 })]
    [InlineData(LearningRateScheduleKind.Cosine, new[] { 0.0, 0.5, 1, 0.853553390593, 0.5, 0.146446609407, 0, 0 })]
    public void LearningRateSchedule_WarmupOfTwoInSix_GivesTheKnownFactors(LearningRateScheduleKind kind, double[] expected)
    {
        var schedule = new LearningRateSchedule { Kind = kind, WarmupSteps = 2, TotalSteps = 6 };
        Assert.All(expected.Index(), item => Assert.Equal(item.Item, schedule.FactorAt(item.Index), 1e-12));
    }

    [Fact]
    public void LearningRateSchedule_WithoutWarmup_StartsAtItsPeak() =>
        Assert.Equal(1, new LearningRateSchedule { Kind = LearningRateScheduleKind.Linear, TotalSteps = 10 }.FactorAt(0));
}
