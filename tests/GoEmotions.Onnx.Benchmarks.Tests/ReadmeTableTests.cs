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
}
