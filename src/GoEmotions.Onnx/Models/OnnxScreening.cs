namespace GoEmotions.Onnx.Models;

/// <summary>
/// Looks through an ONNX model before ONNX Runtime sees it, and refuses what a text classifier has no need of and an attacker has:
/// tensors in files outside the model's folder, sparse tensors, operators that are not ONNX Runtime's own, and structures of a
/// size or depth that no model has. It also reads the graph's signature. Tensors are passed over, not read.
/// </summary>
/// <remarks>Field numbers are those of onnx.proto; a field of another wire type than the format's is unknown, as in every protobuf parser.</remarks>
internal sealed class OnnxScreening
{
    private const int MaxGraphDepth = 16;
    private const int MaxParts = 1_000_000;
    private const int MaxNameLength = 4096;
    private const int MaxRank = 16;
    private const int MaxMetadataEntries = 256;
    private const string MetadataPrefix = "goemotions.";

    // Domains of operators that ONNX Runtime brings; the last two are written by its own optimiser.
    private static readonly HashSet<string> KnownDomains = new(StringComparer.Ordinal) { "", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc" };

    private readonly ProtobufReader _reader;
    private readonly string _source;
    private readonly List<OnnxValue> _inputs = [];
    private readonly List<OnnxValue> _outputs = [];
    private readonly HashSet<string> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly HashSet<string> _externalFiles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _functionDomains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unknownDomains = new(StringComparer.Ordinal);
    private int _partCount;

    private OnnxScreening(Stream stream, string source)
    {
        _reader = new ProtobufReader(stream, source);
        _source = source;
    }

    /// <summary>Screens a model file and the files it refers to.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The model is damaged or refused.</exception>
    public static OnnxSummary ScreenFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        OnnxSummary summary = Screen(stream, path);
        foreach (string location in summary.ExternalFiles)
        {
            ExternalDataPath.Resolve(path, location);
        }

        return summary;
    }

    /// <summary>Screens a model in memory, which has no folder and so no tensors outside.</summary>
    /// <exception cref="InvalidDataException">The model is damaged or refused.</exception>
    public static OnnxSummary ScreenBytes(byte[] model, string source)
    {
        using var stream = new MemoryStream(model, writable: false);
        OnnxSummary summary = Screen(stream, source);
        if (summary.ExternalFiles.Count > 0)
        {
            Throw.InvalidData($"{source}: tensors stand in the file '{summary.ExternalFiles.First()}', expected a model in one piece. Load it from its folder.");
        }

        return summary;
    }

    private static OnnxSummary Screen(Stream stream, string source)
    {
        var screening = new OnnxScreening(stream, source);
        screening.ReadModel();
        return new OnnxSummary
        {
            Inputs = screening._inputs.FindAll(input => !screening._initializers.Contains(input.Name)),
            Outputs = screening._outputs,
            Metadata = screening._metadata,
            ExternalFiles = screening._externalFiles,
        };
    }

    private void ReadModel()
    {
        long end = _reader.Length;
        bool hasGraph = false;
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (7, ProtobufReader.LengthDelimited):
                    hasGraph = true;
                    ReadGraph(_reader.ReadEnd(end), depth: 0);
                    break;
                case (14, ProtobufReader.LengthDelimited):
                    ReadMetadata(_reader.ReadEnd(end));
                    break;
                case (20, ProtobufReader.LengthDelimited):
                    ReadTrainingInfo(_reader.ReadEnd(end));
                    break;
                case (25, ProtobufReader.LengthDelimited):
                    ReadFunction(_reader.ReadEnd(end));
                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }

        if (!hasGraph)
        {
            _reader.Refuse("no graph");
        }

        // A model may bring functions of a domain of its own, before or behind the nodes that call them.
        foreach ((string domain, string node) in _unknownDomains)
        {
            if (!_functionDomains.Contains(domain))
            {
                Throw.InvalidData($"{_source}: {node} is of the domain '{domain}', expected operators of ONNX Runtime's own ({string.Join(", ", KnownDomains.Where(known => known.Length > 0))}). Export the model without custom operators.");
            }
        }
    }

    private void ReadTrainingInfo(long end)
    {
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            if (field is 1 or 2 && wireType == ProtobufReader.LengthDelimited)
            {
                ReadGraph(_reader.ReadEnd(end), depth: 1);
            }
            else
            {
                _reader.Skip(wireType, end);
            }
        }
    }

    private void ReadFunction(long end)
    {
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (7, ProtobufReader.LengthDelimited):
                    ReadNode(_reader.ReadEnd(end), depth: 1);
                    break;
                case (10, ProtobufReader.LengthDelimited):
                    _functionDomains.Add(ReadName(end));
                    break;
                case (11, ProtobufReader.LengthDelimited):
                    ReadAttribute(_reader.ReadEnd(end), depth: 1);
                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }
    }

    private void ReadGraph(long end, int depth)
    {
        if (depth > MaxGraphDepth)
        {
            _reader.Refuse($"graphs nested more than {MaxGraphDepth} deep");
        }

        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (1, ProtobufReader.LengthDelimited):
                    ReadNode(_reader.ReadEnd(end), depth);
                    break;
                case (5, ProtobufReader.LengthDelimited):
                    string name = ReadTensor(_reader.ReadEnd(end));
                    if (depth == 0)
                    {
                        _initializers.Add(name);
                    }

                    break;
                case (11, ProtobufReader.LengthDelimited) when depth == 0:
                    Count();
                    _inputs.Add(ReadValue(_reader.ReadEnd(end)));
                    break;
                case (12, ProtobufReader.LengthDelimited) when depth == 0:
                    Count();
                    _outputs.Add(ReadValue(_reader.ReadEnd(end)));
                    break;
                case (15, ProtobufReader.LengthDelimited):
                    RefuseSparse();
                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }
    }

    private void ReadNode(long end, int depth)
    {
        Count();
        string name = "";
        string operatorType = "";
        string domain = "";
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (3, ProtobufReader.LengthDelimited):
                    name = ReadName(end);
                    break;
                case (4, ProtobufReader.LengthDelimited):
                    operatorType = ReadName(end);
                    break;
                case (5, ProtobufReader.LengthDelimited):
                    ReadAttribute(_reader.ReadEnd(end), depth);
                    break;
                case (7, ProtobufReader.LengthDelimited):
                    domain = ReadName(end);
                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }

        // It names a file with code for an accelerator.
        if (operatorType == "EPContext")
        {
            Throw.InvalidData($"{_source}: node '{name}' is an EPContext, which loads compiled code, expected a graph of ordinary operators. Export the model without compiling it.");
        }

        if (!KnownDomains.Contains(domain))
        {
            _unknownDomains.TryAdd(domain, $"node '{name}' ({operatorType})");
        }
    }

    private void ReadAttribute(long end, int depth)
    {
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (5 or 10, ProtobufReader.LengthDelimited):
                    ReadTensor(_reader.ReadEnd(end));
                    break;
                case (6 or 11, ProtobufReader.LengthDelimited):
                    ReadGraph(_reader.ReadEnd(end), depth + 1);
                    break;
                case (22 or 23, ProtobufReader.LengthDelimited):
                    RefuseSparse();
                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }
    }

    /// <summary>Reads a tensor's name and notes the files that it names, whether or not it says that its data are outside.</summary>
    private string ReadTensor(long end)
    {
        Count();
        string name = "";
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (8, ProtobufReader.LengthDelimited):
                    name = ReadName(end);
                    break;
                case (13, ProtobufReader.LengthDelimited):
                    (string key, string value) = ReadEntry(_reader.ReadEnd(end));
                    if (key == "location")
                    {
                        _externalFiles.Add(value);
                    }

                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }

        return name;
    }

    private OnnxValue ReadValue(long end)
    {
        string name = "";
        var type = OnnxElementType.Undefined;
        var dimensions = new List<long>();
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (1, ProtobufReader.LengthDelimited):
                    name = ReadName(end);
                    break;
                case (2, ProtobufReader.LengthDelimited):
                    ReadType(_reader.ReadEnd(end), ref type, dimensions);
                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }

        return new OnnxValue(name, type, dimensions);
    }

    // TypeProto.tensor_type (1), its elem_type (1) and shape (2), whose dims (1) have a dim_value (1) where it is fixed.
    private void ReadType(long end, ref OnnxElementType type, List<long> dimensions)
    {
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            if ((field, wireType) == (1, ProtobufReader.LengthDelimited))
            {
                ReadTensorType(_reader.ReadEnd(end), ref type, dimensions);
            }
            else
            {
                _reader.Skip(wireType, end);
            }
        }
    }

    private void ReadTensorType(long end, ref OnnxElementType type, List<long> dimensions)
    {
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (1, ProtobufReader.Varint):
                    type = (OnnxElementType)(int)_reader.ReadVarint(end);
                    break;
                case (2, ProtobufReader.LengthDelimited):
                    ReadShape(_reader.ReadEnd(end), dimensions);
                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }
    }

    private void ReadShape(long end, List<long> dimensions)
    {
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            if ((field, wireType) != (1, ProtobufReader.LengthDelimited))
            {
                _reader.Skip(wireType, end);
                continue;
            }

            long dimensionEnd = _reader.ReadEnd(end);
            long size = -1;
            while (_reader.TryReadTag(dimensionEnd, out field, out wireType))
            {
                if ((field, wireType) == (1, ProtobufReader.Varint))
                {
                    size = long.Max(-1, (long)_reader.ReadVarint(dimensionEnd));
                }
                else
                {
                    _reader.Skip(wireType, dimensionEnd);
                }
            }

            dimensions.Add(size);
            if (dimensions.Count > MaxRank)
            {
                _reader.Refuse($"a shape of more than {MaxRank} dimensions");
            }
        }
    }

    private void ReadMetadata(long end)
    {
        (string key, string value) = ReadEntry(end);
        if (key.StartsWith(MetadataPrefix, StringComparison.Ordinal) && _metadata.Count < MaxMetadataEntries)
        {
            _metadata[key] = value;
        }
    }

    // Metadata of others may be long; only what is ours, and the names of files, is read.
    private (string Key, string Value) ReadEntry(long end)
    {
        string key = "";
        string value = "";
        while (_reader.TryReadTag(end, out int field, out int wireType))
        {
            switch (field, wireType)
            {
                case (1, ProtobufReader.LengthDelimited):
                    key = ReadName(end);
                    break;
                case (2, ProtobufReader.LengthDelimited) when key == "location" || key.StartsWith(MetadataPrefix, StringComparison.Ordinal):
                    value = ReadName(end);
                    break;
                case (2, ProtobufReader.LengthDelimited) when key.Length == 0:
                    _reader.Refuse("an entry whose value stands before its key");
                    break;
                default:
                    _reader.Skip(wireType, end);
                    break;
            }
        }

        return (key, value);
    }

    private string ReadName(long end) => _reader.ReadString(end, MaxNameLength);

    private void RefuseSparse() =>
        Throw.InvalidData($"{_source}: the model has sparse tensors, expected dense ones only. Export it without sparse initializers.");

    private void Count()
    {
        if (++_partCount > MaxParts)
        {
            _reader.Refuse($"more than {MaxParts} nodes and tensors");
        }
    }
}
