using System.Text;
using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>Parses and checks the header of a safetensors file: the tensors must cover the data without gap or overlap.</summary>
internal sealed class SafetensorsHeader
{
    private static readonly Dictionary<string, ElementType> TypesByName = Enum.GetValues<ElementType>()
        .Where(type => Name(type).Length > 0)
        .ToDictionary(Name, StringComparer.Ordinal);

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataSize;
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path, long dataStart, long dataSize)
    {
        _path = path;
        _dataStart = dataStart;
        _dataSize = dataSize;
    }

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The names of the element types, as the format spells them.</summary>
    public static string Name(ElementType type) => type switch
    {
        ElementType.Float32 => "F32",
        ElementType.Float16 => "F16",
        ElementType.BFloat16 => "BF16",
        ElementType.Float64 => "F64",
        ElementType.Int64 => "I64",
        ElementType.Int32 => "I32",
        ElementType.Int16 => "I16",
        ElementType.Int8 => "I8",
        ElementType.UInt64 => "U64",
        ElementType.UInt32 => "U32",
        ElementType.UInt16 => "U16",
        ElementType.UInt8 => "U8",
        ElementType.Bool => "BOOL",
        ElementType.Float8E4M3FN => "F8_E4M3",
        ElementType.Float8E5M2 => "F8_E5M2",
        ElementType.Float8E8M0 => "F8_E8M0",
        ElementType.Float4E2M1 => "F4",
        ElementType.Complex64 => "C64",
        _ => "",
    };

    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataStart, long dataSize)
    {
        var header = new SafetensorsHeader(path, dataStart, dataSize);
        var reader = new Utf8JsonReader(json);
        try
        {
            header.Read(ref reader);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: the safetensors header of {json.Length} bytes is not JSON at its byte {(error.BytePositionInLine ?? 0) + 1} of line {(error.LineNumber ?? 0) + 1}. Write or download the file again.", error);
        }
        catch (InvalidOperationException error)
        {
            // Utf8JsonReader.GetString: an escape that is no character.
            throw new InvalidDataException($"{path}: the safetensors header has text that is not valid UTF-8 or has a lone surrogate, at its byte {reader.TokenStartIndex + 1}. Write or download the file again.", error);
        }

        header.CheckCoverage();
        return header;
    }

    private void Read(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "the header", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name == "__metadata__")
            {
                ReadMetadata(ref reader);
                continue;
            }

            SafetensorsTensor tensor = ReadTensor(ref reader, name);
            if (!_tensors.TryAdd(name, tensor))
            {
                Throw.InvalidData($"{_path}: tensor '{name}' stands twice in the header, expected distinct names.");
            }
        }

        // Padding of spaces may follow, but nothing else: the reader throws at it.
        if (reader.Read())
        {
            Throw.InvalidData($"{_path}: something follows the header's object, expected spaces alone.");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "__metadata__", "an object of texts");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, $"__metadata__ '{key}'", "text");
            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                Throw.InvalidData($"{_path}: __metadata__ has '{key}' twice, expected distinct keys.");
            }
        }
    }

    private SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'", "an object");
        string? typeName = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            bool isNew = key switch
            {
                "dtype" => typeName is null,
                "shape" => shape is null,
                "data_offsets" => offsets is null,
                _ => false,
            };
            if (!isNew)
            {
                Throw.InvalidData($"{_path}: tensor '{name}' has a key '{key}', expected dtype, shape and data_offsets once each.");
            }

            if (key == "dtype")
            {
                Expect(ref reader, JsonTokenType.String, $"dtype of tensor '{name}'", "text");
                typeName = reader.GetString();
            }
            else if (key == "shape")
            {
                shape = ReadNumbers(ref reader, $"shape of tensor '{name}'");
            }
            else
            {
                offsets = ReadNumbers(ref reader, $"data_offsets of tensor '{name}'");
            }
        }

        if (typeName is null || shape is null || offsets is not [long begin, long end])
        {
            return Throw.InvalidData<SafetensorsTensor>($"{_path}: tensor '{name}' has {(typeName is null ? "no dtype" : shape is null ? "no shape" : offsets is null ? "no data_offsets" : $"{offsets.Count} data_offsets")}, expected dtype, shape and two data_offsets.");
        }

        return Check(name, typeName, [.. shape], begin, end);
    }

    private SafetensorsTensor Check(string name, string typeName, long[] shape, long begin, long end)
    {
        if (!TypesByName.TryGetValue(typeName, out ElementType type))
        {
            Throw.InvalidData($"{_path}: tensor '{name}' has the dtype '{typeName}', expected one of the format's, such as F32, F16 or BF16.");
        }

        if (begin > end || end > _dataSize)
        {
            Throw.InvalidData($"{_path}: tensor '{name}' has data_offsets [{begin}, {end}], expected ascending ones within the {_dataSize} bytes of data. The file is cut off or its header is wrong.");
        }

        Int128 bits = type.SizeInBits();
        foreach (long size in shape)
        {
            bits *= size;
            if (bits > (Int128)long.MaxValue)
            {
                Throw.InvalidData($"{_path}: tensor '{name}' has shape [{string.Join(", ", shape)}], expected a number of elements that fits the file.");
            }
        }

        if (bits != (Int128)(end - begin) * 8)
        {
            Throw.InvalidData($"{_path}: tensor '{name}' has data_offsets [{begin}, {end}], {end - begin} bytes, expected {(bits + 7) / 8} for {typeName} [{string.Join(", ", shape)}].");
        }

        return new SafetensorsTensor(name, type, shape, _dataStart + begin, end - begin);
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, what, "an array");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            long number = -1;
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out number) || number < 0)
            {
                string found = Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(40, reader.ValueSpan.Length)]);
                Throw.InvalidData($"{_path}: the {what} has '{found}', expected whole numbers from 0 on.");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType expected, string what, string words)
    {
        if (!reader.Read() || reader.TokenType != expected)
        {
            Throw.InvalidData($"{_path}: {what} is a JSON {reader.TokenType}, expected {words}.");
        }
    }

    private void CheckCoverage()
    {
        SafetensorsTensor[] ordered = [.. _tensors.Values];
        Array.Sort(ordered, (a, b) => (a.Offset, a.SizeInBytes).CompareTo((b.Offset, b.SizeInBytes)));
        long next = _dataStart;
        string before = "the header";
        foreach (SafetensorsTensor tensor in ordered)
        {
            if (tensor.Offset != next)
            {
                Throw.InvalidData(tensor.Offset < next
                    ? $"{_path}: tensor '{tensor.Name}' starts at byte {tensor.Offset}, within {before}, which ends at {next}. Tensors must not overlap."
                    : $"{_path}: {tensor.Offset - next} bytes between {before} and tensor '{tensor.Name}' belong to no tensor, expected none.");
            }

            next += tensor.SizeInBytes;
            before = $"tensor '{tensor.Name}'";
        }

        if (next != _dataStart + _dataSize)
        {
            Throw.InvalidData($"{_path}: {_dataStart + _dataSize - next} bytes after {before} belong to no tensor, expected the file to end at byte {next}.");
        }
    }
}
