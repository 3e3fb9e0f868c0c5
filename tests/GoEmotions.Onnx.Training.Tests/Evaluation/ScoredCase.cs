using FsCheck;
using FsCheck.Fluent;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

/// <summary>Random scores and truth for property tests: few distinct scores, so that ties abound, and labels with no or only positives among them.</summary>
public sealed record ScoredCase(int LabelCount, float[] Scores, bool[] Truth)
{
    public int RowCount => Scores.Length / LabelCount;

    public EmotionLabels Labels => EmotionLabels.Create(Enumerable.Range(0, LabelCount).Select(label => $"label {label}"));

    public EvaluationInput Input => new() { Labels = Labels, Scores = Scores, Truth = Truth, Bootstrap = null };

    public EvaluationResult Evaluate() => Evaluator.Evaluate(Input);

    public float[] ScoresOf(int label) => [.. Enumerable.Range(0, RowCount).Select(row => Scores[(row * LabelCount) + label])];

    public bool[] TruthOf(int label) => [.. Enumerable.Range(0, RowCount).Select(row => Truth[(row * LabelCount) + label])];

    public override string ToString() =>
        $"{RowCount} x {LabelCount}, scores [{string.Join(", ", Scores)}], truth [{string.Join(", ", Truth.Select(isTrue => isTrue ? 1 : 0))}]";

    public static Arbitrary<ScoredCase> Arbitrary() => Arb.From(
        from labelCount in Gen.Choose(1, 5)
        from rowCount in Gen.Choose(1, 40)
        from steps in Gen.Elements(1, 4, 20, 1_000_000)
        from scores in Gen.Choose(0, steps).ArrayOf(labelCount * rowCount)
        from percentTrue in Gen.Elements(0, 5, 30, 100)
        from draws in Gen.Choose(0, 99).ArrayOf(labelCount * rowCount)
        select new ScoredCase(labelCount, [.. scores.Select(score => (float)score / steps)], [.. draws.Select(draw => draw < percentTrue)]));
}
