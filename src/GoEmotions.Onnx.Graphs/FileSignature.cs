namespace GoEmotions.Onnx.Graphs;

/// <summary>Says by its first bytes what a file is that is not what it should be.</summary>
internal static class FileSignature
{
    /// <summary>A short phrase such as "a Git LFS pointer", or the first bytes in hexadecimal.</summary>
    public static string Describe(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.TrimStart(" \t\r\n"u8);
        return start.StartsWith("version https://git-lfs"u8) ? "a Git LFS pointer (run 'git lfs pull' to get the file itself)"
            : start.StartsWith("PK\x03\x04"u8) ? "a ZIP archive (PyTorch's pickle format is one)"
            : start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? "a gzip file"
            : start.StartsWith((ReadOnlySpan<byte>)[0x80, 0x02]) || start.StartsWith((ReadOnlySpan<byte>)[0x80, 0x04]) ? "a Python pickle"
            : start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']) ? "an HDF5 file"
            : start.Length >= 8 && start.Slice(4, 4).SequenceEqual("ORTM"u8) ? "a model in ONNX Runtime's own ORT format"
            : start.Length >= 9 && start[8] == '{' && start[..8].IndexOfAnyExcept((byte)0) >= 0 && start[7] == 0 ? "a safetensors file"
            : text.StartsWith("<"u8) ? "a web page or XML text"
            : text.StartsWith("{"u8) || text.StartsWith("["u8) ? "JSON text"
            : $"bytes {Convert.ToHexString(start[..Math.Min(8, start.Length)])}";
    }
}
