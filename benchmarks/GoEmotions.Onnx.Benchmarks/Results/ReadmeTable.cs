using System.Globalization;
using GoEmotions.Onnx.Benchmarks.Serving;

namespace GoEmotions.Onnx.Benchmarks.Results;

/// <summary>The part of README.md that is made from the results: between <c>&lt;!-- serving FOLDER --&gt;</c> and <c>&lt;!-- /serving --&gt;</c>.</summary>
internal static class ReadmeTable
{
    private const string Start = "<!-- serving ";
    private const string StartEnd = " -->";
    private const string End = "<!-- /serving -->";

    /// <summary>README.md with the part made anew.</summary>
    /// <param name="readme">README.md.</param>
    /// <param name="resultsFolder">The folder <c>benchmarks/results</c>; the marker names a folder in it.</param>
    /// <exception cref="InvalidDataException">A marker is missing, or the folder has no figures of the bulk runs.</exception>
    public static string Update(string readme, string resultsFolder)
    {
        int start = readme.IndexOf(Start, StringComparison.Ordinal);
        int content = start < 0 ? -1 : readme.IndexOf(StartEnd, start, StringComparison.Ordinal);
        int end = content < 0 ? -1 : readme.IndexOf(End, content, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new InvalidDataException($"README.md lacks the markers '{Start}FOLDER{StartEnd}' and '{End}', expected both in this order.");
        }

        string folder = readme[(start + Start.Length)..content];
        return readme[..(content + StartEnd.Length)] + "\n" + Render(ServingResults.Load(Path.Combine(resultsFolder, folder)), folder) + readme[end..];
    }

    private static string Render(ServingResults results, string folder)
    {
        if (!results.Parts.TryGetValue(ServingMeasurement.Bulk, out ServingPart? bulk))
        {
            throw new InvalidDataException($"benchmarks/results/{folder}/{ServingResults.FileName} has no part '{ServingMeasurement.Bulk}'. Run 'dotnet cake --target=Bench' on that machine.");
        }

        double? ratio16 = results.Ratio(ServingMeasurement.Latency, "6x384/int8/16 tokens p50 ms", "6x384/plain/16 tokens p50 ms");
        double? milliseconds = results[ServingMeasurement.Latency, "6x384/int8/16 tokens p50 ms"];
        string single = ratio16 is null ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" One text of 16 tokens takes {milliseconds:0.00} ms in int8 (p50, from characters to probabilities), {ratio16:0.00} of the exported graph's bare run.");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {bulk.Texts[..1].ToUpperInvariant()}{bulk.Texts[1..]}, random weights, {bulk.Threads} threads on each side, in turns in one run ({bulk.Machine.Split(',')[0]}, {bulk.Runtime}, {bulk.Date}; [all figures, and how they were taken](benchmarks/results/{folder}/{ServingPage.FileName})).{single}

            {ServingPage.BulkTable(bulk)}
            """).ReplaceLineEndings("\n");
    }
}
