using GoEmotions.Onnx.Graphs.Protobuf;
using Google.Protobuf;

namespace GoEmotions.Onnx.Graphs;

/// <summary>Reads and writes ONNX files. Thread-safe.</summary>
public static class ModelFile
{
    // protobuf's own limit: a message is addressed by 31 bits.
    private const long MaximalFileSizeInBytes = int.MaxValue;

    /// <summary>Reads an ONNX file with all its tensors, those stored in files beside it included.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The model; fields that are unknown here are kept.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="FileNotFoundException">The file, or one with its tensors, does not exist.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is empty, cut off, no ONNX model, or names tensors outside its own folder.</exception>
    public static ModelProto Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto model;
        using (MappedFile file = MappedFile.Open(path, "an ONNX file"))
        {
            if (file.Length > MaximalFileSizeInBytes)
            {
                Throw.InvalidData($"{path} has {file.Length} bytes, expected at most {MaximalFileSizeInBytes}: an ONNX file itself is below 2 GiB and stores larger tensors in files beside it. Found {FileSignature.Describe(file.Bytes(0, 16))}.");
            }

            model = Parse(path, file.Bytes(0, (int)file.Length));
        }

        ExternalData.Read(model, path);
        return model;
    }

    /// <summary>
    /// Writes an ONNX file, whole or not at all: it is written beside its place and renamed. Up to 2 GiB it is one file; above,
    /// tensors are stored in a second file named as the first with <c>.data</c> added, which is renamed first.
    /// </summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="path">The file; an earlier one is replaced.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="InvalidDataException">The model without its tensors is above 2 GiB.</exception>
    public static void Save(ModelProto model, string path) => Save(model, path, MaximalFileSizeInBytes);

    internal static void Save(ModelProto model, string path, long maximalFileSizeInBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (ExternalData.SizeInBytes(model) <= maximalFileSizeInBytes)
        {
            AtomicFile.Write(path, model.WriteTo);
            return;
        }

        ModelProto shell = ExternalData.Write(model, path);
        long size = ExternalData.SizeInBytes(shell);
        if (size > maximalFileSizeInBytes)
        {
            Throw.InvalidData($"{path}: the model without its tensors has {size} bytes, expected at most {maximalFileSizeInBytes}. Split the graph.");
        }

        AtomicFile.Write(path, shell.WriteTo);
    }

    private static ModelProto Parse(string path, ReadOnlySpan<byte> bytes)
    {
        string found = FileSignature.Describe(bytes[..Math.Min(64, bytes.Length)]);
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new InvalidDataException($"{path} ({bytes.Length} bytes) is not an ONNX model, or is cut off: found {found}; {error.Message} Export or download it again.", error);
        }

        if (model.IrVersion <= 0 || model.Graph is null || model.OpsetImport.Count == 0)
        {
            string missing = model.IrVersion <= 0 ? "ir_version" : model.Graph is null ? "graph" : "opset_import";
            Throw.InvalidData($"{path} ({bytes.Length} bytes) is not an ONNX model, or is cut off: it has no {missing}; found {found}. Export or download it again.");
        }

        return model;
    }
}
