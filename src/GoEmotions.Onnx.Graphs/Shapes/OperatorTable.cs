namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>The table: a row per operator, and per version of it where its form changed.</summary>
internal static class OperatorTable
{
    public const string MicrosoftDomain = "com.microsoft";

    private static readonly Dictionary<(string Domain, string Name), OperatorRule[]> Rules = Index(
    [
        .. ElementwiseRules.Rows,
        .. MatrixRules.Rows,
        .. LayoutRules.Rows,
        .. IndexingRules.Rows,
        .. ReductionRules.Rows,
        .. NormalizationRules.Rows,
        .. ConstantRules.Rows,
        .. QuantizationRules.Rows,
    ]);

    /// <summary>The domain as the table writes it: <c>ai.onnx</c> is the empty one.</summary>
    public static string Normalize(string? domain) => domain is null or "ai.onnx" ? "" : domain;

    /// <summary>The newest row of an operator that an operator set version has.</summary>
    public static OperatorRule? Find(string domain, string name, int opset)
    {
        if (Rules.TryGetValue((Normalize(domain), name), out OperatorRule[]? versions))
        {
            foreach (OperatorRule rule in versions)
            {
                if (rule.SinceOpset <= opset)
                {
                    return rule;
                }
            }
        }

        return null;
    }

    /// <summary>The first operator set version with this operator; 0 when the table has none.</summary>
    public static int FirstOpset(string domain, string name) =>
        Rules.TryGetValue((Normalize(domain), name), out OperatorRule[]? versions) ? versions[^1].SinceOpset : 0;

    private static Dictionary<(string Domain, string Name), OperatorRule[]> Index(OperatorRule[] rows) => rows
        .GroupBy(row => (row.Domain, row.Name))
        .ToDictionary(group => group.Key, group => group.OrderByDescending(row => row.SinceOpset).ToArray());
}
