namespace GoEmotions.Onnx.TestSupport;

/// <summary>Files that tests read: of this repository, and of the folder <c>shared</c> beside it, which a fresh machine lacks.</summary>
internal static class TestFiles
{
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>The path of a file or folder below <c>../shared</c>; the running test is skipped where it is missing.</summary>
    public static string Shared(string relativePath)
    {
        string path = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", relativePath));
        Assert.SkipUnless(Path.Exists(path), $"needs ../shared/{relativePath} beside the repository, which is not there");
        return path;
    }

    private static string FindRepositoryRoot()
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
