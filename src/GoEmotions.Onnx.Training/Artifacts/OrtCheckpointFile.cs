using GoEmotions.Onnx.Graphs;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>Reads and writes the checkpoint file of ONNX Runtime's on-device training (1.16 to 1.19). Thread-safe.</summary>
public static class OrtCheckpointFile
{
    /// <summary>Reads a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The checkpoint; parameters of float32 only.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is no checkpoint, of an unknown version, cut off or damaged; the message names the field.</exception>
    public static OrtCheckpoint Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using MappedFile file = MappedFile.Open(path, "a checkpoint of ONNX Runtime's on-device training");
        if (file.Length > int.MaxValue)
        {
            Throw.InvalidData($"{path} has {file.Length} bytes, expected at most {int.MaxValue}: a FlatBuffer is below 2 GB.");
        }

        return Parse(file.Bytes(0, (int)file.Length), path);
    }

    /// <summary>Whether a file says of itself that it is such a checkpoint: by its bytes 4 to 7, <c>ODTC</c>.</summary>
    /// <param name="path">The file.</param>
    /// <returns><see langword="true"/> when it says so; it may be damaged all the same.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static bool IsCheckpoint(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[8];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && OrtCheckpointReader.HasIdentifier(start);
    }

    /// <summary>Reads a checkpoint from memory.</summary>
    /// <param name="bytes">The content of the file.</param>
    /// <param name="source">Where it is from, for messages.</param>
    /// <returns>The checkpoint; parameters of float32 only, copied.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="InvalidDataException">The bytes are no checkpoint, of an unknown version, cut off or damaged; the message names the field.</exception>
    public static OrtCheckpoint Parse(ReadOnlySpan<byte> bytes, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return OrtCheckpointReader.Read(bytes, source);
    }

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="path">The file; an earlier one is replaced.</param>
    /// <exception cref="ArgumentNullException"><paramref name="checkpoint"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty, or the version is unknown.</exception>
    /// <exception cref="InvalidDataException">The checkpoint would be above 2 GB.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(OrtCheckpoint checkpoint, string path)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (checkpoint.Version is not (1 or OrtCheckpoint.CurrentVersion))
        {
            Throw.Argument($"the checkpoint's version is {checkpoint.Version}, expected 1 or {OrtCheckpoint.CurrentVersion}.", nameof(checkpoint));
        }

        ArraySegment<byte> bytes = OrtCheckpointWriter.Write(checkpoint);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }
}
