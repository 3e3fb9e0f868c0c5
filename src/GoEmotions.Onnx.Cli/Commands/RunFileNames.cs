using System.Collections.Frozen;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The entries of a run folder, which <c>--force</c> may replace.</summary>
internal static class RunFileNames
{
    public static FrozenSet<string> All { get; } = new[] { "model", "metrics.jsonl", "report.html" }.ToFrozenSet(StringComparer.Ordinal);
}
