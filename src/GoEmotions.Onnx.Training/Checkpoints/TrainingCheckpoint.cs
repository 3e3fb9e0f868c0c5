using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>
/// A checkpoint of a training, opened and verified to the last byte: a safetensors file with parameters, AdamW's moments (<c>exp_avg.</c>,
/// <c>exp_avg_sq.</c>), the best parameters (<c>best.</c>), state and fingerprint. <see cref="Trainer.Restore"/> takes it. Owns the mapped
/// file; not thread-safe.
/// </summary>
public sealed class TrainingCheckpoint : IDisposable
{
    private readonly SafetensorsFile _file;

    private TrainingCheckpoint(SafetensorsFile file)
    {
        _file = file;
        State = Read(CheckpointFormat.StateKey, TrainingStateJson.Default.TrainingState);
        Fingerprint = TrainingFingerprint.FromEntries(Read(CheckpointFormat.FingerprintKey, TrainingStateJson.Default.DictionaryStringString));
        Environment = Read(CheckpointFormat.EnvironmentKey, TrainingStateJson.Default.DictionaryStringString);
    }

    /// <summary>The file.</summary>
    public string Path => _file.FilePath;

    /// <summary>Where the training stood.</summary>
    public TrainingState State { get; }

    internal TrainingFingerprint Fingerprint { get; }

    internal IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Opens a checkpoint and verifies its checksum.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The checkpoint; the caller disposes it.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or cut off, or is no checkpoint of a training.</exception>
    public static TrainingCheckpoint Open(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            Verify(file);
            return new TrainingCheckpoint(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Copies parameters and moments into blocks; the best parameters stay in the file. <see cref="Artifacts.OrtCheckpoint.FromBuffers"/> takes them from there.</summary>
    /// <param name="buffers">The blocks of the same model, with the same parameters trained.</param>
    /// <exception cref="ArgumentNullException"><paramref name="buffers"/> is null.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing or of another shape. The blocks are as they were.</exception>
    public void CopyTo(ParameterBuffers buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        using var blocks = new TrainingBlocks(buffers);
        CopyTo(blocks, withBest: false);
    }

    /// <summary>Copies the tensors into the blocks, after all of them are found to fit.</summary>
    internal void CopyTo(TrainingBlocks blocks) => CopyTo(blocks, State.Best is not null);

    private void CopyTo(TrainingBlocks blocks, bool withBest)
    {
        (string Prefix, ParameterSlot Slot)[] content = [.. blocks.Tensors(withBest)];
        SafetensorsTensor[] tensors = [.. content.Select(entry => Find(entry.Prefix + entry.Slot.Spec.Name, entry.Slot.Spec.Shape))];
        for (int index = 0; index < content.Length; index++)
        {
            var elements = new float[content[index].Slot.Length];
            _file.Read(tensors[index], elements);
            blocks.Write(content[index].Prefix, content[index].Slot, elements);
        }
    }

    private static void Verify(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(CheckpointFormat.VersionKey, out string? version))
        {
            Throw.InvalidData($"{file.FilePath} is a safetensors file of {file.Tensors.Count} tensors, but no checkpoint of a training (its metadata lack '{CheckpointFormat.VersionKey}'). Give a file that a training wrote.");
        }

        // Verified first: only of a file that is whole it is certain that another version wrote it.
        using FileStream stream = File.OpenRead(file.FilePath);
        byte[] computed = HashBefore(stream, stream.Length - SHA256.HashSizeInBytes);
        var found = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(found);
        if (!found.AsSpan().SequenceEqual(computed))
        {
            Throw.InvalidData($"{file.FilePath} ({stream.Length} bytes) is damaged: its SHA-256 is {Convert.ToHexStringLower(computed)[..16]}..., expected {Convert.ToHexStringLower(found)[..16]}.... Resume from an earlier checkpoint.");
        }

        if (version != CheckpointFormat.Version)
        {
            Throw.InvalidData($"{file.FilePath} is a checkpoint of format '{version}', expected '{CheckpointFormat.Version}'. Resume with the version that wrote it.");
        }
    }

    private static byte[] HashBefore(FileStream stream, long end)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 18];
        for (long position = 0; position < end;)
        {
            int count = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, end - position));
            if (count == 0)
            {
                throw new EndOfStreamException($"{stream.Name} ends at byte {position}, expected {end + SHA256.HashSizeInBytes} bytes: it was changed while it was read.");
            }

            hash.AppendData(buffer.AsSpan(0, count));
            position += count;
        }

        return hash.GetHashAndReset();
    }

    private T Read<T>(string key, JsonTypeInfo<T> type)
        where T : class
    {
        if (!_file.Metadata.TryGetValue(key, out string? json))
        {
            Throw.InvalidData($"{Path}: its metadata lack '{key}', expected it in a checkpoint of format '{CheckpointFormat.Version}'.");
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{Path}: '{key}' in its metadata is not what a checkpoint of format '{CheckpointFormat.Version}' holds: {error.Message}", error);
        }
    }

    private SafetensorsTensor Find(string name, IReadOnlyList<long> shape)
    {
        if (!_file.TryGet(name, out SafetensorsTensor? tensor) || !tensor!.Shape.SequenceEqual(shape))
        {
            Throw.InvalidData($"{Path}: tensor '{name}' is {(tensor is null ? "missing" : $"[{string.Join(", ", tensor.Shape)}]")}, expected [{string.Join(", ", shape)}].");
        }

        return tensor!;
    }
}
