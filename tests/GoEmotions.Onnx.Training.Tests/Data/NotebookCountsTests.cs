using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

/// <summary>The counts of the notebook's cleaning, worked out apart by Python's own CSV reader.</summary>
public sealed class NotebookCountsTests
{
    private const string File5000 = "data/goemotions/go_emotions_dataset.first5000.csv";

    /// <summary>What <c>pandas.read_csv(path).dropna()</c> and <c>astype(int)</c> leave, after pandas' documented rules, without pandas.</summary>
    private const string Script = """
        import csv, json, sys
        MISSING = set(",#N/A,#N/A N/A,#NA,-1.#IND,-1.#QNAN,-NaN,-nan,1.#IND,1.#QNAN,<NA>,N/A,NA,NULL,NaN,None,n/a,nan,null".split(","))
        with open(sys.argv[1], encoding="utf-8", newline="") as f:
            header, *rows = [row for row in csv.reader(f) if row]
        labels = header[3:]
        kept = []
        for row in rows:
            row += [""] * (len(header) - len(row))
            if not any(cell in MISSING for cell in row):
                kept.append((row[1], row[2].lower() == "true", [int(float(cell)) for cell in row[3:]]))
        print(json.dumps({
            "read": len(rows),
            "kept": len(kept),
            "unclear": sum(unclear for _, unclear, _ in kept),
            "unlabeled": sum(not any(values) for _, _, values in kept),
            "duplicate_texts": len(kept) - len({text for text, _, _ in kept}),
            "characters": sum(len(text.encode("utf-16-le")) // 2 for text, _, _ in kept),
            "labels": {label: sum(values[i] for _, _, values in kept) for i, label in enumerate(labels)},
        }))
        """;

    [Fact]
    public void Clean_NotebookFile_GivesTheCountsOfPandas()
    {
        AssertSameCounts(TestFiles.Shared(File5000), dropped: 0);
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Clean_FileCutInItsLastRow_GivesTheCountsOfPandas(double where)
    {
        byte[] whole = File.ReadAllBytes(TestFiles.Shared(File5000));
        using var folder = new TemporaryFolder();
        int lastRow = whole.AsSpan().TrimEnd("\r\n"u8).LastIndexOf((byte)'\n') + 1;
        int length = lastRow + (int)((whole.Length - lastRow) * where);
        AssertSameCounts(folder.Write("cut.csv", whole.AsSpan(0, length)), dropped: 1);
    }

    [Fact]
    public void Clean_FileWithGapsAndWordsForMissing_GivesTheCountsOfPandas()
    {
        string[] lines = File.ReadAllLines(TestFiles.Shared(File5000));
        using var folder = new TemporaryFolder();
        for (int line = 1; line < lines.Length; line++)
        {
            lines[line] = (line % 10) switch
            {
                1 => lines[line].Replace("FALSE", "", StringComparison.Ordinal),
                2 => lines[line].Replace(",0", ",0.0", StringComparison.Ordinal).Replace(",1", ",1.0", StringComparison.Ordinal),
                3 => lines[line][..^2],
                4 when line % 20 == 4 => lines[line][..^1] + "NA",
                5 when line % 50 == 5 => "",
                6 when !lines[line].Contains('"', StringComparison.Ordinal) => $"\"{lines[line][..7]}\",null{lines[line][^62..]}",
                _ => lines[line],
            };
        }

        AssertSameCounts(folder.Write("gaps.csv", string.Join("\r\n", lines)), dropped: null);
    }

    private static void AssertSameCounts(string path, int? dropped)
    {
        using JsonDocument json = JsonDocument.Parse(RunPython(path));
        JsonElement expected = json.RootElement;
        CleanedDataset cleaned = DatasetCleaner.CleanFiles([path]);
        DataReport report = cleaned.Report;
        Assert.Equal(Count("read"), report.Read);
        Assert.Equal(Count("kept"), report.Kept);
        Assert.Equal(Count("unclear"), report.Unclear);
        Assert.Equal(Count("unlabeled"), report.Unlabeled);
        Assert.Equal(Count("duplicate_texts"), report.DuplicateTexts);
        Assert.Equal(Count("characters"), cleaned.Dataset.Sum(example => example.Text.Length));
        Assert.Equal(expected.GetProperty("labels").EnumerateObject().Select(label => (label.Name, label.Value.GetInt32())), report.LabelsAfter.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(report.Read - report.Kept, report.Dropped.Values.Sum(rows => rows.Count));
        Assert.Equal(dropped ?? report.Read - report.Kept, report.Dropped.GetValueOrDefault(DropReasons.MissingCell)?.Count ?? 0);

        int Count(string name) => expected.GetProperty(name).GetInt32();
    }

    private static string RunPython(string path)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true, ArgumentList = { "-c", Script, path } };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            Assert.Skip($"needs python3 for the counts to compare with: {error.Message}");
            throw;
        }

        using (process)
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors.Result);
            return output;
        }
    }
}
