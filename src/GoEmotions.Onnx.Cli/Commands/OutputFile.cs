namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>A file that a command is to write.</summary>
internal static class OutputFile
{
    /// <summary>Throws where the file cannot or may not be written, before any work is done.</summary>
    public static void Check(string path, bool mayReplace)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"{path} is a directory, expected a file to write.");
        }

        if (File.Exists(path) && !mayReplace)
        {
            throw new IOException($"{path} exists. Choose another file, or pass --force to replace it.");
        }

        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{path} is to be written, but the directory {folder} does not exist. Make it first.");
        }
    }
}
