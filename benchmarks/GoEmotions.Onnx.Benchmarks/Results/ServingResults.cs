using System.Text.Encodings.Web;
using System.Text.Json;

namespace GoEmotions.Onnx.Benchmarks.Results;

/// <summary>The figures of the serving measurement: serving.json, from which serving.md and README's table are made.</summary>
internal sealed class ServingResults
{
    public const string FileName = "serving.json";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The parts: bulk, batches, latency, callers.</summary>
    public SortedDictionary<string, ServingPart> Parts { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Reads the results of a folder; none where it has no file.</summary>
    public static ServingResults Load(string folder)
    {
        string file = Path.Combine(folder, FileName);
        return File.Exists(file)
            ? JsonSerializer.Deserialize<ServingResults>(File.ReadAllText(file), Format) ?? throw new InvalidDataException($"{file} is null, expected an object with 'parts'.")
            : new ServingResults();
    }

    /// <summary>Writes serving.json and serving.md.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Format) + "\n");
        File.WriteAllText(Path.Combine(folder, ServingPage.FileName), ServingPage.Render(this));
    }

    /// <summary>A figure, or null where it was not measured.</summary>
    public double? this[string part, string figure] =>
        Parts.TryGetValue(part, out ServingPart? found) && found.Figures.TryGetValue(figure, out double value) ? value : null;

    /// <summary>One figure over another, or null where one was not measured.</summary>
    public double? Ratio(string part, string figure, string to) => this[part, figure] / this[part, to];
}
