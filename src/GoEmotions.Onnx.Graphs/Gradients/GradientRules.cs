using GoEmotions.Onnx.Graphs.Shapes;

namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>THE TABLE: the gradient of each operator, a row each, one file per family.</summary>
internal static class GradientRules
{
    private static readonly Dictionary<(string Domain, string OperatorType), GradientRule> Rules = new GradientRule[][]
    {
        [.. ElementwiseGradients.Rows],
        [.. MatrixGradients.Rows],
        [.. LayoutGradients.Rows],
        [.. IndexingGradients.Rows],
        [.. ReductionGradients.Rows],
        [.. NormalizationGradients.Rows],
    }
    .SelectMany(rows => rows)
    .ToDictionary(row => (row.Domain, row.OperatorType));

    /// <summary>All rows.</summary>
    public static IReadOnlyCollection<GradientRule> All => Rules.Values;

    /// <summary>The row of an operator, or null.</summary>
    public static GradientRule? Find(string domain, string operatorType, int opset) =>
        Rules.TryGetValue((OperatorTable.Normalize(domain), operatorType), out GradientRule? rule) && (rule.Domain.Length > 0 || rule.SinceOpset <= opset) ? rule : null;
}
