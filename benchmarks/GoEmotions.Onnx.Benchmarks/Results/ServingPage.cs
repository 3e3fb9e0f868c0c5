using System.Globalization;
using System.Text;
using GoEmotions.Onnx.Benchmarks.Serving;

namespace GoEmotions.Onnx.Benchmarks.Results;

/// <summary>The results as a page of Markdown; nothing in it but what the results say.</summary>
internal static class ServingPage
{
    public const string FileName = "serving.md";

    private static readonly string[] Models = ["6x384", "12x768"];

    private static readonly (string Name, string Title)[] BulkSides =
    [
        (ServingSide.PadTo128, "Microsoft.ML.Tokenizers + `InferenceSession.Run`, padded to 128"),
        (ServingSide.PadToLongest, "the same, padded to the longest"),
        (ServingSide.TorchSharp, "TorchSharp, padded to the longest"),
        (ServingSide.TransformersJs, "transformers.js (onnxruntime-node), padded to the longest"),
        (ServingSide.Float32, "`EmotionClassifier`, fp32"),
        (ServingSide.Int8, "`EmotionClassifier`, int8"),
    ];

    public static string Render(ServingResults results)
    {
        var page = new StringBuilder();
        page.Append("""
            # Serving beside its peers

            BERT classifiers with 28 labels and random weights (speed does not depend on them). Sides take turns in one run, on the same texts and weights; medians. Made by

            ```
            dotnet cake --target=Bench --filter=none
            ```

            which also writes serving.json, the figures that this page and README's table are made of.

            | part | measured |
            |---|---|

            """);
        foreach ((string name, ServingPart part) in results.Parts)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {part.Date}; {part.Machine}; {part.Runtime}; {part.Threads} threads on each side; load average before {part.LoadAverage}; {part.Texts} |");
        }

        page.Append("\n## Numbers to reach\n\n| what | to reach | measured | reached |\n|---|---:|---:|---|\n");
        foreach (Goal goal in Goal.All)
        {
            page.AppendLine(goal.Row(results));
        }

        if (results.Parts.TryGetValue(ServingMeasurement.Bulk, out ServingPart? bulk))
        {
            AddBulk(page, bulk);
        }

        if (results.Parts.TryGetValue(ServingMeasurement.Batches, out ServingPart? batches))
        {
            AddBatches(page, batches);
        }

        if (results.Parts.TryGetValue(ServingMeasurement.Latency, out ServingPart? latency))
        {
            AddLatency(page, latency);
        }

        if (results.Parts.TryGetValue(ServingMeasurement.Callers, out ServingPart? callers))
        {
            AddCallers(page, callers);
        }

        return page.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The rows of the bulk table that README has, header included.</summary>
    public static string BulkTable(ServingPart part)
    {
        var table = new StringBuilder();
        table.Append("| program | 6x384, texts/s | times the first | 12x768, texts/s | times the first |\n|---|---:|---:|---:|---:|\n");
        foreach ((string name, string title) in BulkSides)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {title} |");
            foreach (string model in Models)
            {
                double? rate = Find(part, model, name, "texts/s");
                double? times = rate / Find(part, model, ServingSide.PadTo128, "texts/s");
                table.Append(CultureInfo.InvariantCulture, $" {Number(rate, "N0")} | {Number(times, "0.0")} |");
            }

            table.Append('\n');
        }

        return table.ToString();
    }

    private static void AddBulk(StringBuilder page, ServingPart part)
    {
        page.Append("""

            ## Many texts at once

            From characters to probabilities, tokenization included; batches of the peers have 32 texts in the given order. GFLOP/s counts the operations that the tokens need (no padding; the last layer for each text's first token), whatever a program computes beyond them; the ceiling is a product of 512x768 and 768x3072 in the same runtime and run. Before anything is timed, the probabilities agree with the engine's in fp32; int8's error is that of random weights and says nothing about F1. Microsoft.ML.Tokenizers gives other ids for some texts; those are left out of the comparison, not of the timing. TorchSharp has no tokenizer and is given ours.

            | model | program | texts/s | times padding to 128 | GFLOP/s | share of the ceiling | largest difference of a probability | texts with other ids |
            |---|---|---:|---:|---:|---:|---:|---:|

            """);
        foreach (string model in Models)
        {
            foreach ((string name, string title) in BulkSides)
            {
                double? rate = Find(part, model, name, "texts/s");
                page.AppendLine(CultureInfo.InvariantCulture, $"| {model} | {title} | {Number(rate, "N0")} | {Number(rate / Find(part, model, ServingSide.PadTo128, "texts/s"), "0.0")} | {Number(Find(part, model, name, "GFLOP/s"), "0")} | {Number(Find(part, model, name, "share of ceiling"), "0%")} | {Number(Find(part, model, name, "largest difference"), "0.0e+0")} | {Number(Find(part, model, name, "texts with other ids"), "0")} |");
            }
        }

        page.AppendLine();
        foreach (string model in Models)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"{model}: {Number(Find(part, model, "bulk", "texts"), "N0")} texts of {Number(Find(part, model, "bulk", "tokens of a text"), "0.0")} tokens; ceilings {Number(Find(part, model, "gemm", "fp32 GFLOP/s"), "0")} GFLOP/s (fp32) and {Number(Find(part, model, "gemm", "int8 GOP/s"), "0")} GOP/s (u8 x s8).\n");
        }

        foreach ((string side, string note) in part.Notes)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"- {side}: {note}");
        }
    }

    private static void AddBatches(StringBuilder page, ServingPart part)
    {
        page.Append("\n## How large a batch\n\nTexts a second of the same calls by `MaxBatchTokens`.\n\n| model | precision |");
        page.AppendJoin("", BatchSizeMeasurement.Sizes.Select(size => string.Create(CultureInfo.InvariantCulture, $" {size} |")));
        page.Append("\n|---|---|").Insert(page.Length, "---:|", BatchSizeMeasurement.Sizes.Count).Append('\n');
        foreach (string model in Models)
        {
            foreach (string side in new[] { ServingSide.Float32, ServingSide.Int8 })
            {
                page.Append(CultureInfo.InvariantCulture, $"| {model} | {side} |");
                foreach (int size in BatchSizeMeasurement.Sizes)
                {
                    page.Append(CultureInfo.InvariantCulture, $" {Number(Find(part, model, side, string.Create(CultureInfo.InvariantCulture, $"{size} tokens a batch texts/s")), "N0")} |");
                }

                page.Append('\n');
            }
        }
    }

    private static void AddLatency(StringBuilder page, ServingPart part)
    {
        page.Append("""

            ## One text a call

            Milliseconds, p50 (p99). `Score`: from characters to probabilities. Bare: the run of the same graph with everything bound beforehand, no tokenization. Plain: the exported graph's run with values made beforehand. Sides take turns of some calls each.

            | model | tokens | plain | fp32 bare | fp32 `Score` | over bare | over plain | int8 bare | int8 `Score` | over bare | over plain |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|

            """);
        foreach (string model in Models)
        {
            foreach (string tokens in new[] { "16", "32", "128" })
            {
                page.Append(CultureInfo.InvariantCulture, $"| {model} | {tokens} | {Times("plain")} |");
                foreach (string side in new[] { ServingSide.Float32, ServingSide.Int8 })
                {
                    page.Append(CultureInfo.InvariantCulture, $" {Times($"{side} bare")} | {Times(side)} | {Number(P50(side) / P50($"{side} bare"), "0.000")} | {Number(P50(side) / P50("plain"), "0.00")} |");
                }

                page.AppendLine();

                double? P50(string side) => Find(part, model, side, $"{tokens} tokens p50 ms");

                string Times(string side) => $"{Number(P50(side), "0.000")} ({Number(Find(part, model, side, $"{tokens} tokens p99 ms"), "0.000")})";
            }
        }

        page.Append("\nTexts of 16 tokens a second: one caller whose runs have all threads, and a caller with a run for each thread.\n\n| model | precision | one caller | a caller a thread | ratio |\n|---|---|---:|---:|---:|\n");
        foreach (string model in Models)
        {
            foreach (string side in new[] { ServingSide.Float32, ServingSide.Int8 })
            {
                double? one = Find(part, model, side, "one caller texts/s");
                double? several = Find(part, model, side, "a caller a thread texts/s");
                page.AppendLine(CultureInfo.InvariantCulture, $"| {model} | {side} | {Number(one, "N0")} | {Number(several, "N0")} | {Number(several / one, "0.00")} |");
            }
        }

        page.Append("\nManaged bytes, over tens of thousands of calls of mixed lengths; of `ScoreAsync` over the whole process, 16 callers, the least of 11 windows of 1,000 answers.\n\n| call | bytes |\n|---|---:|\n");
        foreach ((string name, double bytes) in part.Figures.Where(figure => figure.Key.EndsWith("/bytes a call", StringComparison.Ordinal)))
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"| {name.Split('/')[1]} | {Number(bytes, "0.###")} |");
        }
    }

    private static void AddCallers(StringBuilder page, ServingPart part)
    {
        page.Append("""

            ## Many callers of one text each

            6x384, texts of real lengths, one thread a run and as many runs at once as processors (`IntraOpThreads` = 1); wide: one run at once with all of them. Direct: a thread for each caller, which calls `Score`. Batched: `ScoreAsync`, gathered by the micro-batcher. Arrivals: texts come at random at a share of what 64 batched callers reach, whether or not those before are answered; latency counts from when a text was due.

            | precision | callers | texts/s | p50 ms | p95 ms | p99 ms | p99 over p50 |
            |---|---|---:|---:|---:|---:|---:|

            """);
        foreach (string precision in new[] { ServingSide.Float32, ServingSide.Int8 })
        {
            foreach (string callers in new[] { "direct 1", "batched 1", "batched wide 1", "direct 8", "batched 8", "batched wide 8", "direct 64", "batched 64", "batched wide 64", "arrivals 50%", "arrivals 80%" })
            {
                string side = $"{precision} {callers}";
                page.AppendLine(CultureInfo.InvariantCulture, $"| {precision} | {callers} | {Number(Figure("texts/s"), "N0")} | {Number(Figure("p50 ms"), "0.00")} | {Number(Figure("p95 ms"), "0.00")} | {Number(Figure("p99 ms"), "0.00")} | {Number(Figure("p99 ms") / Figure("p50 ms"), "0.00")} |");

                double? Figure(string quantity) => Find(part, Models[0], side, quantity);
            }
        }
    }

    private static double? Find(ServingPart part, string model, string side, string quantity) =>
        part.Figures.TryGetValue($"{model}/{side}/{quantity}", out double value) ? value : null;

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
