using System.Text.Json;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>benchmarks/guard.json: what a run of the guard must reach.</summary>
/// <param name="Float32">The least texts/s in fp32 over those of the pipeline padded to 128.</param>
/// <param name="Int8">The same in int8, on processors that multiply bytes fast.</param>
/// <param name="FastBytes">From which rate of int8 products over fp32 products on a processor does so.</param>
internal sealed record GuardFloors(double Float32, double Int8, double FastBytes)
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static GuardFloors Load()
    {
        string file = Path.Combine(BenchmarkFiles.RepositoryRoot, "benchmarks", "guard.json");
        GuardFloors? floors = JsonSerializer.Deserialize<GuardFloors>(File.ReadAllText(file), Format);
        return floors is { Float32: > 0, Int8: > 0, FastBytes: > 0 } ? floors : throw new InvalidDataException($"{file}: float32, int8 and fastBytes must be above 0.");
    }
}
