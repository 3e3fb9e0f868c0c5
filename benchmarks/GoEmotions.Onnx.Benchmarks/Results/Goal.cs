using System.Globalization;
using GoEmotions.Onnx.Benchmarks.Serving;

namespace GoEmotions.Onnx.Benchmarks.Results;

/// <summary>A number to reach, on a 2-core server with AVX-512 and VNNI.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Bound">The number.</param>
/// <param name="IsLeast">Whether more is better.</param>
/// <param name="Format">How figures are written.</param>
/// <param name="Measure">Finds the figure; null where it was not measured.</param>
internal sealed record Goal(string What, double Bound, bool IsLeast, string Format, Func<ServingResults, double?> Measure)
{
    private const string Small = "6x384";
    private const string Base = "12x768";
    private const string Rate = "texts/s";

    public static IReadOnlyList<Goal> All { get; } =
    [
        new("1,024 texts, 6x384, int8, times padding to 128", 25, true, "0.0", results => Bulk(results, ServingSide.Int8, ServingSide.PadTo128)),
        new("the same, fp32", 9, true, "0.0", results => Bulk(results, ServingSide.Float32, ServingSide.PadTo128)),
        new("1,024 texts, 6x384, int8, times transformers.js", 6, true, "0.0", results => Bulk(results, ServingSide.Int8, ServingSide.TransformersJs)),
        new("the same, fp32", 3, true, "0.0", results => Bulk(results, ServingSide.Float32, ServingSide.TransformersJs)),
        new("fp32 bulk, share of the fp32 GEMM, 6x384", 0.85, true, "0%", results => results[ServingMeasurement.Bulk, $"{Small}/{ServingSide.Float32}/share of ceiling"]),
        new("the same, 12x768", 0.85, true, "0%", results => results[ServingMeasurement.Bulk, $"{Base}/{ServingSide.Float32}/share of ceiling"]),
        new("int8 bulk, share of the int8 GEMM, 12x768", 0.75, true, "0%", results => results[ServingMeasurement.Bulk, $"{Base}/{ServingSide.Int8}/share of ceiling"]),
        new("a text of 16 tokens, 6x384, int8 `Score` over the plain export's run, p50", 0.35, false, "0.00", results => Latency(results, ServingSide.Int8, "plain")),
        new("the same, fp32", 0.85, false, "0.00", results => Latency(results, ServingSide.Float32, "plain")),
        new("`Score` over the bare run of its graph, 16 tokens, 6x384, int8, p50", 1.05, false, "0.000", results => Latency(results, ServingSide.Int8, $"{ServingSide.Int8} bare")),
        new("the same, fp32", 1.05, false, "0.000", results => Latency(results, ServingSide.Float32, $"{ServingSide.Float32} bare")),
        new("managed bytes of a call, the most of all", 0, false, "0.###", MostBytes),
        new("a caller for each thread over one caller with all, 16 tokens, 6x384, int8", 1.5, true, "0.00", results => results.Ratio(ServingMeasurement.Latency, $"{Small}/{ServingSide.Int8}/a caller a thread texts/s", $"{Small}/{ServingSide.Int8}/one caller texts/s")),
        new("`ScoreAsync`, the better of its two settings, over `Score` with a run for each thread: 64 callers, 6x384, int8, texts/s", 1.3, true, "0.00", results => Batched(results, ServingSide.Int8, Rate) / Callers(results, $"{ServingSide.Int8} direct", Rate)),
        new("the same, fp32", 1.3, true, "0.00", results => Batched(results, ServingSide.Float32, Rate) / Callers(results, $"{ServingSide.Float32} direct", Rate)),
        new("`ScoreAsync` in that setting, 64 callers, 6x384, int8, p99 over p50", 2, false, "0.00", results => Batched(results, ServingSide.Int8, "p99 ms") / Batched(results, ServingSide.Int8, "p50 ms")),
        new("the same, fp32", 2, false, "0.00", results => Batched(results, ServingSide.Float32, "p99 ms") / Batched(results, ServingSide.Float32, "p50 ms")),
    ];

    /// <summary>A row of the table: what, the number, what was measured, whether it is reached.</summary>
    public string Row(ServingResults results)
    {
        double? value = Measure(results);
        string reached = value is null ? "" : (IsLeast ? value >= Bound : value <= Bound) ? "yes" : "**no**";
        return $"| {What} | {(IsLeast ? "at least" : "at most")} {Text(Bound)} | {(value is null ? "not measured" : Text(value.Value))} | {reached} |";
    }

    private string Text(double value) => value.ToString(Format, CultureInfo.InvariantCulture);

    private static double? Bulk(ServingResults results, string side, string peer) => results.Ratio(ServingMeasurement.Bulk, $"{Small}/{side}/{Rate}", $"{Small}/{peer}/{Rate}");

    private static double? Latency(ServingResults results, string side, string to) => results.Ratio(ServingMeasurement.Latency, $"{Small}/{side}/16 tokens p50 ms", $"{Small}/{to}/16 tokens p50 ms");

    private static double? Callers(ServingResults results, string side, string quantity) => results[ServingMeasurement.Callers, $"{Small}/{side} 64/{quantity}"];

    // One thread a run and a run for each thread, or one run with all of them: a service sets what is faster.
    private static double? Batched(ServingResults results, string precision, string quantity)
    {
        string side = Callers(results, $"{precision} batched wide", Rate) > Callers(results, $"{precision} batched", Rate) ? "batched wide" : "batched";
        return Callers(results, $"{precision} {side}", quantity);
    }

    private static double? MostBytes(ServingResults results) => results.Parts.TryGetValue(ServingMeasurement.Latency, out ServingPart? part)
        ? part.Figures.Where(figure => figure.Key.EndsWith("/bytes a call", StringComparison.Ordinal)).Max(figure => (double?)figure.Value)
        : null;
}
