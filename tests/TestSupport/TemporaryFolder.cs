namespace GoEmotions.Onnx.TestSupport;

/// <summary>An empty folder that is deleted with all it holds when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("goemotions-test-").FullName;

    /// <summary>The full path of a file or folder below this one.</summary>
    public string this[string relativePath] => Path.Combine(Root, relativePath);

    /// <summary>Writes a text file (UTF-8, no byte order mark) and returns its path.</summary>
    public string Write(string relativePath, string text)
    {
        string path = Prepare(relativePath);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a binary file and returns its path.</summary>
    public string Write(string relativePath, ReadOnlySpan<byte> bytes)
    {
        string path = Prepare(relativePath);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private string Prepare(string relativePath)
    {
        string path = this[relativePath];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
