using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>
/// A safetensors file, mapped into memory for reading. The header is checked wholly when the file is opened. Owns the mapping;
/// reading is thread-safe until it is disposed.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>The largest header that is read, as in the format's reference implementation.</summary>
    public const int MaximalHeaderSizeInBytes = 100_000_000;

    private const int LengthSizeInBytes = sizeof(ulong);
    private static readonly Dictionary<string, string> Format = new() { ["format"] = "pt" };
    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(string path, MappedFile file, SafetensorsHeader header)
    {
        FilePath = path;
        _file = file;
        _header = header;
        Tensors = [.. header.Tensors.Values];
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>The tensors in the order of the header.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>What the writer noted, such as <c>format</c>: <c>pt</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header: lengths, JSON form, names, types, shapes, and that the tensors cover the data without gap or overlap.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The file; the caller disposes it.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is no safetensors file, is cut off, or its header is wrong.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MappedFile file = MappedFile.Open(path, "a safetensors file");
        try
        {
            return new SafetensorsFile(path, file, ReadHeader(path, file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes float32 tensors, whole or not at all. The same tensors give the same bytes: they are ordered by name.</summary>
    /// <param name="path">The file; an earlier one is replaced.</param>
    /// <param name="parameters">The tensors.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<Parameter> parameters) => Write(path, parameters, ElementType.Float32);

    /// <summary>Writes tensors as float32 or float16 (rounded to the nearest, ties to even), whole or not at all.</summary>
    /// <param name="path">The file; an earlier one is replaced.</param>
    /// <param name="parameters">The tensors.</param>
    /// <param name="elementType"><see cref="ElementType.Float32"/> or <see cref="ElementType.Float16"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty, two tensors have one name, or the element type is another.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="InvalidDataException">A finite value is too large for float16.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<Parameter> parameters, ElementType elementType)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(parameters);
        if (elementType is not (ElementType.Float32 or ElementType.Float16))
        {
            Throw.Argument($"the element type is {elementType}, expected Float32 or Float16.", nameof(elementType));
        }

        int elementSize = elementType == ElementType.Float16 ? sizeof(ushort) : sizeof(float);
        Parameter[] ordered = [.. parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal)];
        for (int i = 1; i < ordered.Length; i++)
        {
            if (ordered[i].Name == ordered[i - 1].Name)
            {
                Throw.Argument($"parameter '{ordered[i].Name}' stands twice, expected distinct names.", nameof(parameters));
            }
        }

        SafetensorsTensor[] tensors = [.. ordered.Select(parameter => new SafetensorsTensor(parameter.Name, elementType, parameter.Shape, 0, (long)parameter.Values.Length * elementSize))];
        AtomicFile.Write(path, stream =>
        {
            WriteHeader(stream, tensors, Format);
            foreach (Parameter parameter in ordered)
            {
                if (elementType == ElementType.Float16)
                {
                    WriteHalves(stream, parameter);
                }
                else
                {
                    WriteElements(stream, parameter.Values.Span);
                }
            }
        });
    }

    /// <summary>Writes the beginning of a safetensors file: the header. The caller then writes the tensors' bytes, in the same order and without gaps.</summary>
    /// <param name="stream">The stream, at the beginning of the file.</param>
    /// <param name="tensors">The tensors; their offsets are not used, the header gives them the places that follow from the order.</param>
    /// <param name="metadata">What to note beside the tensors.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">Two tensors have one name.</exception>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public static void WriteHeader(Stream stream, IReadOnlyCollection<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            long offset = 0;
            foreach (SafetensorsTensor tensor in tensors)
            {
                if (!names.Add(tensor.Name))
                {
                    Throw.Argument($"tensor '{tensor.Name}' stands twice, expected distinct names.", nameof(tensors));
                }

                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", SafetensorsHeader.Name(tensor.ElementType));
                writer.WriteStartArray("shape");
                foreach (long size in tensor.Shape)
                {
                    writer.WriteNumberValue(size);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                offset += tensor.SizeInBytes;
                writer.WriteNumberValue(offset);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        // Spaces up to a multiple of 8, so that the data is aligned.
        int padding = (8 - (json.WrittenCount % 8)) % 8;
        json.GetSpan(padding)[..padding].Fill((byte)' ');
        json.Advance(padding);
        Span<byte> length = stackalloc byte[LengthSizeInBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.WrittenCount);
        stream.Write(length);
        stream.Write(json.WrittenSpan);
    }

    /// <summary>Finds a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tensor">The tensor, or null.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(string name, out SafetensorsTensor? tensor) => _header.Tensors.TryGetValue(name, out tensor);

    /// <summary>Reads a tensor as float32. float16 and bfloat16 are widened exactly.</summary>
    /// <param name="tensor">A tensor of this file, of type float32, float16 or bfloat16.</param>
    /// <param name="destination">Takes the elements, row-major; as long as the tensor.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="tensor"/> is null.</exception>
    /// <exception cref="InvalidDataException">The tensor has another element type.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed.</exception>
    public void Read(SafetensorsTensor tensor, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.ElementType is not (ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16))
        {
            Throw.InvalidData($"{FilePath}: tensor '{tensor.Name}' has dtype {SafetensorsHeader.Name(tensor.ElementType)}, expected F32, F16 or BF16. Convert the checkpoint to one of these.");
        }

        if (destination.Length != tensor.ElementCount)
        {
            Throw.Argument($"the destination has {destination.Length} elements, expected {tensor.ElementCount} for tensor '{tensor.Name}'.", nameof(destination));
        }

        // One span cannot hold more than 2 GiB.
        const int ChunkElements = 1 << 24;
        int elementSize = tensor.ElementType.SizeInBits() / 8;
        for (int start = 0; start < destination.Length; start += ChunkElements)
        {
            Span<float> part = destination.Slice(start, Math.Min(ChunkElements, destination.Length - start));
            Convert(_file.Bytes(tensor.Offset + ((long)start * elementSize), part.Length * elementSize), part, tensor.ElementType);
        }
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => _file.Dispose();

    private static SafetensorsHeader ReadHeader(string path, MappedFile file)
    {
        string found = FileSignature.Describe(file.Bytes(0, (int)Math.Min(64, file.Length)));
        if (file.Length < LengthSizeInBytes)
        {
            Throw.InvalidData($"{path} has {file.Length} bytes, expected a safetensors file of at least {LengthSizeInBytes}. Write or download it again.");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes(0, LengthSizeInBytes));
        if (length > MaximalHeaderSizeInBytes || length > (ulong)(file.Length - LengthSizeInBytes))
        {
            Throw.InvalidData($"{path} ({file.Length} bytes) is not a safetensors file, or is cut off: its header would have {length} bytes, expected at most {Math.Min(MaximalHeaderSizeInBytes, file.Length - LengthSizeInBytes)}; found {found}.");
        }

        ReadOnlySpan<byte> json = file.Bytes(LengthSizeInBytes, (int)length);
        if (!json.StartsWith("{"u8))
        {
            Throw.InvalidData($"{path} ({file.Length} bytes) is not a safetensors file: its header of {length} bytes does not start with '{{'; found {found}.");
        }

        long dataStart = LengthSizeInBytes + (long)length;
        return SafetensorsHeader.Parse(path, json, dataStart, file.Length - dataStart);
    }

    private static void WriteElements(FileStream stream, ReadOnlySpan<float> values)
    {
        const int ChunkElements = 1 << 24;
        for (; values.Length > ChunkElements; values = values[ChunkElements..])
        {
            stream.Write(MemoryMarshal.AsBytes(values[..ChunkElements]));
        }

        stream.Write(MemoryMarshal.AsBytes(values));
    }

    private static void WriteHalves(FileStream stream, Parameter parameter)
    {
        var buffer = new Half[int.Min(parameter.Values.Length, 1 << 16)];
        for (ReadOnlySpan<float> values = parameter.Values.Span; !values.IsEmpty;)
        {
            int count = int.Min(values.Length, buffer.Length);
            for (int i = 0; i < count; i++)
            {
                buffer[i] = (Half)values[i];
                if (Half.IsInfinity(buffer[i]) && float.IsFinite(values[i]))
                {
                    Throw.InvalidData($"parameter '{parameter.Name}' holds {values[i]}, expected at most 65504 for float16. Write float32.");
                }
            }

            stream.Write(MemoryMarshal.AsBytes<Half>(buffer.AsSpan(0, count)));
            values = values[count..];
        }
    }

    private static void Convert(ReadOnlySpan<byte> bytes, Span<float> destination, ElementType type)
    {
        if (type == ElementType.Float32)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(destination));
            return;
        }

        for (int i = 0; i < destination.Length; i++)
        {
            ushort bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
            destination[i] = type == ElementType.BFloat16 ? BitConverter.UInt32BitsToSingle((uint)bits << 16) : (float)BitConverter.UInt16BitsToHalf(bits);
        }
    }
}
