using System.Text.Encodings.Web;
using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>Small JSON files of a checkpoint.</summary>
internal static class JsonFile
{
    // The largest index of shards that is known has some hundred thousand entries, below 32 MB.
    private const long MaximalSizeInBytes = 64 << 20;

    /// <summary>Indented, and with letters outside ASCII as they are: people read these files.</summary>
    public static JsonWriterOptions Readable { get; } = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a file that holds a JSON object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it should be, for messages.</param>
    /// <returns>The document; the caller disposes it.</returns>
    public static JsonDocument Load(string path, string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        using (MappedFile file = MappedFile.Open(path, kind))
        {
            if (file.Length > MaximalSizeInBytes)
            {
                Throw.InvalidData($"{path} has {file.Length} bytes, expected {kind} of at most {MaximalSizeInBytes}.");
            }

            bytes = file.Bytes(0, (int)file.Length).ToArray();
        }

        ReadOnlyMemory<byte> text = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} ({bytes.Length} bytes) is not JSON, expected {kind}: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}; found {FileSignature.Describe(bytes.AsSpan(0, Math.Min(64, bytes.Length)))}.", error);
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            JsonValueKind found = document.RootElement.ValueKind;
            document.Dispose();
            Throw.InvalidData($"{path} holds a JSON {found}, expected an object: {kind}.");
        }

        return document;
    }
}
