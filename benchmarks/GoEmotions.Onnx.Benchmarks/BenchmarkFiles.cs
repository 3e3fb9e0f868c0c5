namespace GoEmotions.Onnx.Benchmarks;

/// <summary>Files that benchmarks read from the folder <c>shared</c> beside the repository.</summary>
internal static class BenchmarkFiles
{
    /// <summary>The path of a file below <c>../shared</c>.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static string Shared(string relativePath)
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "GoEmotions.Onnx.sln")))
            {
                string path = Path.GetFullPath(Path.Combine(folder, "..", "shared", relativePath));
                return File.Exists(path) ? path : throw new FileNotFoundException($"{path}: not there; this benchmark needs the folder 'shared' beside the repository.");
            }
        }

        throw new DirectoryNotFoundException($"no GoEmotions.Onnx.sln in any folder above {AppContext.BaseDirectory}");
    }

    /// <summary>The texts of the development split.</summary>
    public static string[] DevTexts() =>
        [.. File.ReadLines(Shared("data/goemotions/dev.tsv")).Select(line => line[..line.IndexOf('\t', StringComparison.Ordinal)])];
}
