namespace GoEmotions.Onnx.Benchmarks;

/// <summary>Files of the repository, and those that benchmarks read from the folder <c>shared</c> beside it.</summary>
internal static class BenchmarkFiles
{
    /// <summary>The folder of the repository.</summary>
    /// <exception cref="DirectoryNotFoundException">The program does not lie in it.</exception>
    public static string RepositoryRoot
    {
        get
        {
            for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "GoEmotions.Onnx.sln")))
                {
                    return folder;
                }
            }

            throw new DirectoryNotFoundException($"no GoEmotions.Onnx.sln in any folder above {AppContext.BaseDirectory}");
        }
    }

    /// <summary>The vocabulary of bert-base-uncased, below <c>../shared</c>.</summary>
    public static string BertVocabulary => SharedPath("data/bert-base-uncased/vocab.txt");

    private static string DevSplit => SharedPath("data/goemotions/dev.tsv");

    /// <summary>Whether the development split and bert-base-uncased's vocabulary are there.</summary>
    public static bool HasDevTexts => File.Exists(DevSplit) && File.Exists(BertVocabulary);

    /// <summary>The path of a file below <c>../shared</c>.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static string Shared(string relativePath)
    {
        string path = SharedPath(relativePath);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path}: not there; this benchmark needs the folder 'shared' beside the repository.");
    }

    /// <summary>The texts of the development split.</summary>
    public static string[] DevTexts() =>
        [.. File.ReadLines(Shared("data/goemotions/dev.tsv")).Select(line => line[..line.IndexOf('\t', StringComparison.Ordinal)])];

    private static string SharedPath(string relativePath) => Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", relativePath));
}
