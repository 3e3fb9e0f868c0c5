using GoEmotions.Onnx.Graphs.Gradients;

namespace GoEmotions.Onnx.Graphs.Tests.Gradients;

public sealed class GradientRulesTests
{
    public static TheoryData<string, bool> Cases { get; } = new(
        from tested in GradientCases.All
        from symbolic in new[] { false, true }
        where !symbolic || tested.AllowsSymbols
        select (tested.ToString(), symbolic));

    [Theory]
    [MemberData(nameof(Cases))]
    public void GradientRule_Operator_AgreesWithFiniteDifferences(string name, bool symbolicShapes)
    {
        GradientCase tested = Assert.Single(GradientCases.All, tested => tested.ToString() == name);
        for (int seed = 0; seed < 2; seed++)
        {
            double error = GradientProbe.WorstError(tested, symbolicShapes, seed);
            Assert.True(error <= tested.Tolerance, $"{tested}: gradients differ by {error:E2} of the largest, expected at most {tested.Tolerance:E1} (seed {seed})");
        }
    }

    [Fact]
    public void GradientRules_EachRow_HasACase() =>
        Assert.Equal(
            GradientRules.All.Select(rule => rule.Domain.Length == 0 ? rule.OperatorType : $"{rule.Domain}.{rule.OperatorType}").Order(),
            GradientCases.All.Select(tested => tested.Operator).Distinct().Order());
}
