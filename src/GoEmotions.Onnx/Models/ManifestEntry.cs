namespace GoEmotions.Onnx.Models;

/// <summary>What a manifest says of a file: its size, and its SHA-256 in lower-case hexadecimal digits.</summary>
internal readonly record struct ManifestEntry(long SizeInBytes, string Sha256)
{
    public override string ToString() => $"{SizeInBytes} bytes with SHA-256 {Sha256}";
}
