using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Benchmarks.Results;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>The program <c>serving</c>: measures what BenchmarkDotNet cannot compare fairly, and writes serving.json and serving.md.</summary>
internal static class ServingMeasurement
{
    public const string Bulk = "bulk";
    public const string Batches = "batches";
    public const string Latency = "latency";
    public const string Callers = "callers";

    private const int TextCount = 1024;

    private static readonly string[] Parts = [Bulk, Batches, Latency, Callers];

    /// <summary>Runs the parts named, or all; each replaces its own part of the results.</summary>
    /// <param name="args">[bulk] [batches] [latency] [callers] [--quick] [--results DIR].</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args)
    {
        bool isQuick = args.Contains("--quick");
        int resultsAt = Array.IndexOf(args, "--results");
        string? folder = resultsAt >= 0 && resultsAt + 1 < args.Length ? args[resultsAt + 1] : null;
        string[] chosen = [.. args.Where((argument, index) => argument != "--quick" && (resultsAt < 0 || (index != resultsAt && index != resultsAt + 1)))];
        if (chosen.Except(Parts).Any() || (resultsAt >= 0 && folder is null))
        {
            Console.Error.WriteLine("usage: serving [bulk] [batches] [latency] [callers] [--quick] [--results DIR]; without parts all, without --results benchmarks/results/<cpu>, of a quick run standard output");
            return 2;
        }

        folder ??= isQuick ? null : Path.Combine(BenchmarkFiles.RepositoryRoot, "benchmarks", "results", Machine.FolderName());
        ServingResults results = folder is null ? new ServingResults() : ServingResults.Load(folder);
        BenchmarkTexts texts = BenchmarkTexts.Load(TextCount);
        foreach (string part in chosen.Length > 0 ? chosen : Parts)
        {
            var run = new MeasurementRun(texts, isQuick);
            switch (part)
            {
                case Bulk:
                    new BulkMeasurement(run).Run();
                    break;
                case Batches:
                    new BatchSizeMeasurement(run).Run();
                    break;
                case Latency:
                    new LatencyMeasurement(run).Run();
                    break;
                default:
                    new CallersMeasurement(run).Run();
                    break;
            }

            results.Parts[part] = run.Part;
            if (folder is not null)
            {
                results.Save(folder);
            }
        }

        Console.WriteLine(folder is null ? ServingPage.Render(results) : Path.GetFullPath(Path.Combine(folder, ServingPage.FileName)));
        return 0;
    }
}
