using GoEmotions.Onnx.Benchmarks.Results;
using GoEmotions.Onnx.Benchmarks.Serving;

namespace GoEmotions.Onnx.Benchmarks.Tests;

public sealed class ReadmeTableTests
{
    private static readonly string Results = Path.Combine(TestFiles.RepositoryRoot, "benchmarks", "results");

    [Fact]
    public void Readme_ServingTable_IsThatOfTheCommittedResults()
    {
        string readme = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "README.md"));
        Assert.Equal(ReadmeTable.Update(readme, Results), readme);
    }

    [Theory]
    [InlineData("tokenizer.md", "| tokenizer | ns/text |", 3)]
    [InlineData("training.md", "| model | batch x sequence | ours, ms |", 4)]
    public void Readme_OtherTables_HaveTheFiguresOfTheirPages(string page, string header, int rowCount)
    {
        string[] readme = File.ReadAllLines(Path.Combine(TestFiles.RepositoryRoot, "README.md"));
        HashSet<string>[] measured = [.. File.ReadLines(Path.Combine(Results, "amd-epyc-zen5", page)).Where(line => line.StartsWith('|')).Select(line => Figures(line, part => part.Split(' ')))];
        int start = Array.FindIndex(readme, line => line.StartsWith(header, StringComparison.Ordinal));
        Assert.True(start >= 0, $"README.md has no table that starts with '{header}'");
        string[] rows = [.. readme.Skip(start + 2).TakeWhile(line => line.StartsWith('|'))];
        Assert.Equal(rowCount, rows.Length);
        Assert.All(rows, row =>
        {
            HashSet<string> figures = Figures(row, cell => [cell]);
            Assert.True(figures.Count >= 2 && measured.Any(figures.IsSubsetOf), $"{page} has no row with the figures of '{row}'");
        });
    }

    [Fact]
    public void ServingPages_Committed_AreThoseOfTheirResults()
    {
        string[] files = Directory.GetFiles(Results, ServingResults.FileName, SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            string folder = Path.GetDirectoryName(file)!;
            Assert.Equal(ServingPage.Render(ServingResults.Load(folder)), File.ReadAllText(Path.Combine(folder, ServingPage.FileName)));
        }
    }

    [Fact]
    public void Update_ChangedFigure_ChangesTheTableAlone()
    {
        using var folder = new TemporaryFolder();
        const string Readme = "before\n<!-- serving cpu -->\nold\n<!-- /serving -->\nafter\n";
        Write(rate: 1000);
        string first = ReadmeTable.Update(Readme, folder.Root);
        Assert.StartsWith("before\n<!-- serving cpu -->\n", first, StringComparison.Ordinal);
        Assert.EndsWith("<!-- /serving -->\nafter\n", first, StringComparison.Ordinal);
        Assert.Contains("| `EmotionClassifier`, int8 | 1,000 | 20.0 | - | - |", first, StringComparison.Ordinal);
        Assert.DoesNotContain("old", first, StringComparison.Ordinal);
        Assert.Equal(first, ReadmeTable.Update(first, folder.Root));
        Write(rate: 1500);
        Assert.Equal(first.Replace("1,000 | 20.0", "1,500 | 30.0", StringComparison.Ordinal), ReadmeTable.Update(first, folder.Root));

        void Write(double rate)
        {
            var results = new ServingResults();
            results.Parts[ServingMeasurement.Bulk] = new ServingPart { Date = "2026-01-01", Machine = "cpu, 2 processors", Runtime = ".NET", Threads = 2, LoadAverage = "0.1", Texts = "texts" };
            results.Parts[ServingMeasurement.Bulk].Figures[$"6x384/{ServingSide.Int8}/texts/s"] = rate;
            results.Parts[ServingMeasurement.Bulk].Figures[$"6x384/{ServingSide.PadTo128}/texts/s"] = 50;
            results.Save(Path.Combine(folder.Root, "cpu"));
        }
    }

    [Theory]
    [InlineData("no markers")]
    [InlineData("<!-- serving cpu --> without an end")]
    [InlineData("<!-- /serving --> before <!-- serving cpu -->")]
    public void Update_MissingMarker_IsRefused(string readme) =>
        Assert.Contains("lacks the markers", Assert.Throws<InvalidDataException>(() => ReadmeTable.Update(readme, Results)).Message, StringComparison.Ordinal);

    [Fact]
    public void Update_MissingResults_NamesTheFile() =>
        Assert.Contains("benchmarks/results/nowhere/serving.json", Assert.Throws<InvalidDataException>(() => ReadmeTable.Update("<!-- serving nowhere --><!-- /serving -->", Results)).Message, StringComparison.Ordinal);

    // Cells, or their parts, that are a number or a shape: 1,234.5, 32x24.
    private static HashSet<string> Figures(string row, Func<string, string[]> split) =>
        [.. row.Trim('|').Split('|').SelectMany(cell => split(cell.Trim())).Where(part => part.Length > 0 && char.IsAsciiDigit(part[0]) && part.All(character => char.IsAsciiDigit(character) || character is ',' or '.' or 'x'))];
}
