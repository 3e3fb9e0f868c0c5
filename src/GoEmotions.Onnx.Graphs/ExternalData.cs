using System.Globalization;
using GoEmotions.Onnx.Graphs.Protobuf;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace GoEmotions.Onnx.Graphs;

/// <summary>Tensors that an ONNX file stores in files beside it.</summary>
internal static class ExternalData
{
    // Smaller tensors stay in the model file: shapes and axes must be readable without the data.
    private const int LeastSizeInBytes = 1024;

    // Runtimes map the file into memory: page alignment spares them a copy.
    private const int AlignmentInBytes = 4096;

    /// <summary>An upper bound of the size of a model as one file (<c>CalculateSize</c> itself overflows above 2 GiB).</summary>
    public static long SizeInBytes(ModelProto model)
    {
        ModelProto shell = model.Clone();
        long size = 0;
        foreach (TensorProto tensor in Initializers(shell.Graph))
        {
            size += tensor.RawData.Length;
            tensor.ClearRawData();

            // The field's tag and length, and what the tensor's own length in its parent may grow by.
            size += 16;
        }

        return size + shell.CalculateSize();
    }

    /// <summary>Writes the large tensors of a model to a file beside <paramref name="modelPath"/>.</summary>
    /// <returns>The model without them, with references to the file.</returns>
    public static ModelProto Write(ModelProto model, string modelPath)
    {
        string name = Path.GetFileName(modelPath) + ".data";
        ModelProto shell = model.Clone();
        AtomicFile.Write(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(modelPath))!, name), stream =>
        {
            foreach (TensorProto tensor in Initializers(shell.Graph))
            {
                if (tensor.RawData.Length < LeastSizeInBytes)
                {
                    continue;
                }

                long padding = (AlignmentInBytes - (stream.Position % AlignmentInBytes)) % AlignmentInBytes;
                stream.Write(new byte[padding]);
                SetReference(tensor, name, stream.Position, tensor.RawData.Length);
                tensor.RawData.WriteTo(stream);
                tensor.ClearRawData();
            }
        });
        return shell;
    }

    /// <summary>Reads the tensors that a model stores beside itself into the model.</summary>
    public static void Read(ModelProto model, string modelPath)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        var files = new Dictionary<string, MappedFile>(StringComparer.Ordinal);
        try
        {
            foreach (TensorProto tensor in AllTensors(model))
            {
                if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
                {
                    Read(tensor, modelPath, folder, files);
                }
            }
        }
        finally
        {
            foreach (MappedFile file in files.Values)
            {
                file.Dispose();
            }
        }
    }

    private static void SetReference(TensorProto tensor, string location, long offset, long length)
    {
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Clear();
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset.ToString(CultureInfo.InvariantCulture) });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length.ToString(CultureInfo.InvariantCulture) });
    }

    private static void Read(TensorProto tensor, string modelPath, string folder, Dictionary<string, MappedFile> files)
    {
        string where = $"{modelPath}: tensor '{tensor.Name}'";
        string location = Entry(tensor, "location") ?? Throw.InvalidData<string>($"{where} is stored outside the model but names no file, expected an external_data entry 'location'.");
        string path = Resolve(where, folder, location);
        if (!files.TryGetValue(path, out MappedFile? file))
        {
            file = MappedFile.Open(path, $"the tensors of {modelPath}");
            files.Add(path, file);
        }

        long expected = ExpectedSize(tensor, where);
        long offset = Number(tensor, "offset", where) ?? 0;
        long length = Number(tensor, "length", where) ?? expected;
        if (offset > file.Length || length > file.Length - offset)
        {
            Throw.InvalidData($"{where} is at bytes {offset} to {(Int128)offset + length} of '{location}', which has {file.Length}. The file is cut off or another model's.");
        }

        if (length != expected)
        {
            Throw.InvalidData($"{where} has {length} bytes in '{location}', expected {expected} for {((ElementType)tensor.DataType).OnnxName()}[{string.Join(", ", tensor.Dims)}].");
        }

        tensor.RawData = ByteString.CopyFrom(file.Bytes(offset, (int)length));
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
    }

    // The location comes from the file: it must not lead out of the model's folder, by its text or by a link.
    private static string Resolve(string where, string folder, string location)
    {
        string[] parts = location.Split('/', '\\');
        if (Path.IsPathRooted(location) || location.Contains(':', StringComparison.Ordinal) || location.Contains('\0', StringComparison.Ordinal) || parts.Any(part => part is "" or "." or ".."))
        {
            Throw.InvalidData($"{where} names the file '{location}', expected a relative path within the model's folder.");
        }

        string path = folder;
        foreach (string part in parts)
        {
            path = Path.Combine(path, part);
            FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            if (entry.LinkTarget is not null && (entry.ResolveLinkTarget(returnFinalTarget: true) is not { } target || !IsWithin(folder, target.FullName)))
            {
                Throw.InvalidData($"{where} names the file '{location}', which links to '{entry.LinkTarget}' outside the model's folder. Copy the file there instead.");
            }
        }

        return path;
    }

    private static bool IsWithin(string folder, string path)
    {
        string root = new DirectoryInfo(folder) is { LinkTarget: not null } link && link.ResolveLinkTarget(true) is { } target ? target.FullName : folder;
        return path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static long ExpectedSize(TensorProto tensor, string where)
    {
        Int128 bits = ((ElementType)tensor.DataType).SizeInBits();
        if (bits == 0)
        {
            Throw.InvalidData($"{where} has element type {tensor.DataType}, expected one of fixed size.");
        }

        foreach (long dim in tensor.Dims)
        {
            if (dim < 0)
            {
                Throw.InvalidData($"{where} has dims [{string.Join(", ", tensor.Dims)}], expected 0 or more each.");
            }

            bits *= dim;
            if (bits > (Int128)int.MaxValue * 8)
            {
                Throw.InvalidData($"{where} has dims [{string.Join(", ", tensor.Dims)}], expected at most {int.MaxValue} bytes in one tensor.");
            }
        }

        return (long)((bits + 7) / 8);
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;

    private static long? Number(TensorProto tensor, string key, string where) =>
        Entry(tensor, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
        : Throw.InvalidData<long>($"{where} has the {key} '{text}', expected a number of 0 or more.");

    private static IEnumerable<TensorProto> Initializers(GraphProto? graph) => graph is null ? [] : graph.Initializer
        .Concat(graph.Node.SelectMany(node => node.Attribute).SelectMany(Graphs).SelectMany(Initializers));

    private static IEnumerable<GraphProto> Graphs(AttributeProto attribute) =>
        attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G);

    private static IEnumerable<TensorProto> AllTensors(ModelProto model) => AllTensors(model.Graph)
        .Concat(model.TrainingInfo.SelectMany(info => AllTensors(info.Initialization).Concat(AllTensors(info.Algorithm))))
        .Concat(model.Functions.SelectMany(function => Attributes(function.Node)));

    private static IEnumerable<TensorProto> AllTensors(GraphProto? graph) => graph is null ? [] : graph.Initializer
        .Concat(graph.SparseInitializer.SelectMany(Parts))
        .Concat(Attributes(graph.Node));

    private static IEnumerable<TensorProto> Attributes(RepeatedField<NodeProto> nodes) => nodes
        .SelectMany(node => node.Attribute)
        .SelectMany(attribute => (attribute.T is null ? attribute.Tensors : attribute.Tensors.Prepend(attribute.T))
            .Concat((attribute.SparseTensor is null ? attribute.SparseTensors : attribute.SparseTensors.Prepend(attribute.SparseTensor)).SelectMany(Parts))
            .Concat(Graphs(attribute).SelectMany(AllTensors)));

    private static IEnumerable<TensorProto> Parts(SparseTensorProto sparse)
    {
        if (sparse.Values is not null)
        {
            yield return sparse.Values;
        }

        if (sparse.Indices is not null)
        {
            yield return sparse.Indices;
        }
    }
}
