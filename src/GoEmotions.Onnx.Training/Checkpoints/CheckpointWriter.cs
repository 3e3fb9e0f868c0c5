using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>Writes a checkpoint from the blocks themselves, in one pass, without copies of them.</summary>
internal static class CheckpointWriter
{
    /// <summary>Writes a checkpoint.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="blocks">Parameters, moments and best parameters.</param>
    /// <param name="state">Where the training stands.</param>
    /// <param name="fingerprint">What its numbers depend on.</param>
    /// <param name="environment">What their last bits may depend on.</param>
    public static void Write(Stream stream, TrainingBlocks blocks, TrainingState state, TrainingFingerprint fingerprint, IReadOnlyDictionary<string, string> environment)
    {
        (string Prefix, ParameterSlot Slot)[] content = [.. blocks.Tensors(state.Best is not null)];
        IEnumerable<SafetensorsTensor> tensors = content
            .Select(entry => new SafetensorsTensor(entry.Prefix + entry.Slot.Spec.Name, ElementType.Float32, entry.Slot.Spec.Shape, 0, (long)entry.Slot.Length * sizeof(float)))
            .Append(new SafetensorsTensor(CheckpointFormat.ChecksumName, ElementType.UInt8, [SHA256.HashSizeInBytes], 0, SHA256.HashSizeInBytes));
        using var header = new MemoryStream();
        SafetensorsFile.WriteHeader(header, [.. tensors], new Dictionary<string, string>
        {
            ["format"] = "pt",
            [CheckpointFormat.VersionKey] = CheckpointFormat.Version,
            [CheckpointFormat.StateKey] = JsonSerializer.Serialize(state, TrainingStateJson.Default.TrainingState),
            [CheckpointFormat.FingerprintKey] = JsonSerializer.Serialize(new(fingerprint.Entries), TrainingStateJson.Default.DictionaryStringString),
            [CheckpointFormat.EnvironmentKey] = JsonSerializer.Serialize(new(environment), TrainingStateJson.Default.DictionaryStringString),
        });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(stream, hash, header.GetBuffer().AsSpan(0, (int)header.Length));
        foreach ((string prefix, ParameterSlot slot) in content)
        {
            for (int start = 0; start < slot.Length; start += TrainingBlocks.ChunkLength)
            {
                Append(stream, hash, MemoryMarshal.AsBytes(blocks.Read(prefix, slot, start, Math.Min(TrainingBlocks.ChunkLength, slot.Length - start))));
            }
        }

        stream.Write(hash.GetHashAndReset());
    }

    private static void Append(Stream stream, IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        stream.Write(bytes);
    }
}
