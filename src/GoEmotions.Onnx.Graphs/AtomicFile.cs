namespace GoEmotions.Onnx.Graphs;

/// <summary>Writes a file beside its place and renames it when it is whole, so that nobody sees half of it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file. On an error the earlier file, if there was one, is as it was.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<FileStream> write)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{path}: the folder '{folder}' does not exist. Create it first.");
        }

        string beside = TemporaryName(full);
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, full, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    public static string TemporaryName(string path) => $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp";
}
