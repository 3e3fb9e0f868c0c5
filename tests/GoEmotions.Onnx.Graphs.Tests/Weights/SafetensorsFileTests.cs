using System.Buffers.Binary;
using System.Text;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Tests.Weights;

public sealed class SafetensorsFileTests
{
    public static TheoryData<string, int, string> BadHeaders { get; } = new()
    {
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}""", 8, "is not JSON at its byte" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8, "is not JSON at its byte" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x""", 8, "is not JSON at its byte" },
        { """{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "is not valid UTF-8 or has a lone surrogate" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "tensor 'a' stands twice in the header, expected distinct names." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}""", 8, "tensor 'a' has data_offsets [0, 16], expected ascending ones within the 8 bytes of data." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "tensor 'a' has data_offsets [8, 0], expected ascending ones within the 8 bytes of data." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "the data_offsets of tensor 'a' has '-8', expected whole numbers from 0 on." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775808]}}""", 8, "the data_offsets of tensor 'a' has '9223372036854775808', expected whole numbers from 0 on." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.5]}}""", 8, "the data_offsets of tensor 'a' has '8.5', expected whole numbers from 0 on." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "tensor 'a' has 1 data_offsets, expected dtype, shape and two data_offsets." },
        { """{"a":{"dtype":"F32","shape":[2]}}""", 8, "tensor 'a' has no data_offsets, expected dtype, shape and two data_offsets." },
        { """{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "tensor 'a' has no dtype, expected dtype, shape and two data_offsets." },
        { """{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", 8, "tensor 'a' has the dtype 'F33', expected one of the format's, such as F32, F16 or BF16." },
        { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "tensor 'a' has data_offsets [0, 8], 8 bytes, expected 12 for F32 [3]." },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "expected a number of elements that fits the file." },
        { """{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}""", 8, "shape of tensor 'a' is a JSON String, expected an array." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}""", 8, "tensor 'a' has a key 'more', expected dtype, shape and data_offsets once each." },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "tensor 'a' has a key 'dtype', expected dtype, shape and data_offsets once each." },
        { """{"a":[]}""", 8, "tensor 'a' is a JSON StartArray, expected an object." },
        { """{"__metadata__":{"format":1}}""", 0, "__metadata__ 'format' is a JSON Number, expected text." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "within tensor 'a', which ends at" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "4 bytes between tensor 'a' and tensor 'b' belong to no tensor, expected none." },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "4 bytes between the header and tensor 'a' belong to no tensor, expected none." },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 6, "2 bytes after tensor 'a' belong to no tensor" },
        { "[1]", 0, "is not a safetensors file: its header of 3 bytes does not start with '{'" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void SafetensorsFile_BadHeader_IsRefusedWithItsReason(string header, int dataSize, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("bad.safetensors", Bytes(header, new byte[dataSize]));
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
        Assert.StartsWith(path, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData(100_000_000UL)]
    [InlineData(100_000_001UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x8000_0000_0000_0000UL)]
    [InlineData(57UL)]
    public void SafetensorsFile_LyingHeaderLength_AllocatesNothingOfIt(ulong length)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = Bytes("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", []);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        string path = folder.Write("bad.safetensors", bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Contains($"its header would have {length} bytes, expected at most {bytes.Length - 8}", error.Message);
        Assert.InRange(allocated, 0, 200_000);
    }

    [Theory]
    [InlineData(0, "is empty (0 bytes), expected a safetensors file.")]
    [InlineData(7, "has 7 bytes, expected a safetensors file of at least 8.")]
    public void SafetensorsFile_TinyFile_IsRefused(int size, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("bad.safetensors", new byte[size]);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Fact]
    public void SafetensorsFile_CutAnywhere_IsRefused()
    {
        using var folder = new TemporaryFolder();
        SafetensorsFile.Write(folder["whole.safetensors"], [new Parameter("a", [2, 3], new float[6]), new Parameter("b", [], new float[1])]);
        byte[] whole = File.ReadAllBytes(folder["whole.safetensors"]);
        for (int length = 0; length < whole.Length; length++)
        {
            string path = folder.Write("cut.safetensors", whole.AsSpan(0, length));
            Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
        }
    }

    [Fact]
    public void SafetensorsFile_MutatedHeaders_NeverCrash()
    {
        const int Seed = 99;
        var random = new Random(Seed);
        using var folder = new TemporaryFolder();
        SafetensorsFile.Write(folder["sound.safetensors"], [new Parameter("a", [2, 3], new float[6]), new Parameter("b", [4], new float[4]), new Parameter("c", [], new float[1])]);
        byte[] sound = File.ReadAllBytes(folder["sound.safetensors"]);
        string[] fragments = ["\"", "{", "}", "[", "]", ",", ":", "0", "9999999999999999999", "-1", "1e9", "null", "\\u0000", "\\ud800", "\"a\"", "F16", "F64", "\xff", " ", "4294967296"];
        int opened = 0;
        const int Rounds = 4000;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = Mutate(sound, random, fragments);
            string path = folder.Write("mutant.safetensors", bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using SafetensorsFile file = SafetensorsFile.Open(path);
                foreach (SafetensorsTensor tensor in file.Tensors.Where(tensor => tensor.ElementType.IsFloat() && tensor.ElementType != ElementType.Float64))
                {
                    file.Read(tensor, new float[tensor.ElementCount]);
                }

                opened++;
            }
            catch (InvalidDataException error)
            {
                Assert.Contains("mutant.safetensors", error.Message);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }

        Assert.InRange(opened, 1, Rounds - 1);
    }

    [Fact]
    public void SafetensorsFile_Written_IsAlignedDeterministicAndReadsBack()
    {
        using var folder = new TemporaryFolder();
        Parameter[] parameters = [new("z.weight", [2, 3], new float[] { 1, 2, 3, 4, 5, 6 }), new("émotion \"1\"", [], new[] { float.NaN }), new("a", [0, 4], Memory<float>.Empty)];
        SafetensorsFile.Write(folder["1.safetensors"], parameters);
        SafetensorsFile.Write(folder["2.safetensors"], parameters.Reverse());
        byte[] bytes = File.ReadAllBytes(folder["1.safetensors"]);
        Assert.Equal(bytes, File.ReadAllBytes(folder["2.safetensors"]));
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(bytes) % 8);
        Assert.StartsWith("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[0,4],"data_offsets":[0,0]},"z.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},""", Encoding.UTF8.GetString(bytes, 8, bytes.Length - 8));

        using SafetensorsFile file = SafetensorsFile.Open(folder["1.safetensors"]);
        Assert.Equal("pt", file.Metadata["format"]);
        foreach (Parameter parameter in parameters)
        {
            Assert.True(file.TryGet(parameter.Name, out SafetensorsTensor? tensor));
            var values = new float[tensor!.ElementCount];
            file.Read(tensor, values);
            Assert.Equal(parameter.Shape, tensor.Shape);
            Assert.Equal(parameter.Values.ToArray(), values);
        }

        Assert.False(file.TryGet("b", out _));
        Assert.Equal(["1.safetensors", "2.safetensors"], Directory.EnumerateFileSystemEntries(folder.Root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void SafetensorsFile_HalfPrecision_IsWidenedExactly()
    {
        float[] values = [0, -0f, 1, -2.5f, 65504, 6.1035156e-05f, 5.9604645e-08f, float.PositiveInfinity, float.NaN];
        byte[] half = new byte[2 * values.Length];
        byte[] brain = new byte[2 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(half.AsSpan(2 * i), (Half)values[i]);
            BinaryPrimitives.WriteUInt16LittleEndian(brain.AsSpan(2 * i), (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16));
        }

        using var folder = new TemporaryFolder();
        string header = $$$"""{"h":{"dtype":"F16","shape":[{{{values.Length}}}],"data_offsets":[0,{{{half.Length}}}]},"b":{"dtype":"BF16","shape":[{{{values.Length}}}],"data_offsets":[{{{half.Length}}},{{{2 * half.Length}}}]}}""";
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write("half.safetensors", Bytes(header, [.. half, .. brain])));
        Assert.Equal(values, Read(file, "h"));
        Assert.Equal(values.Select(value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000)), Read(file, "b"));
    }

    [Fact]
    public void SafetensorsFile_WrittenAsHalves_RoundsToTheNearestAndReadsBack()
    {
        using var folder = new TemporaryFolder();

        // 1 + 2^-11 lies between two halves and goes to the even one, 1 + 3 x 2^-11 too. More values than a buffer holds follow.
        float[] values = [1 + (1f / 2048), 1 + (3f / 2048), -2.5f, 65504, 1e-9f, float.NegativeInfinity, float.NaN, .. Enumerable.Range(0, 70_000).Select(index => index * 0.001f)];
        SafetensorsFile.Write(folder["h.safetensors"], [new Parameter("w", [values.Length], values)], ElementType.Float16);
        using SafetensorsFile file = SafetensorsFile.Open(folder["h.safetensors"]);
        Assert.Equal(ElementType.Float16, file.Tensors[0].ElementType);
        float[] read = Read(file, "w");
        Assert.Equal([1, 1 + (4f / 2048), -2.5f, 65504, 0, float.NegativeInfinity, float.NaN], read[..7]);
        Assert.Equal(values.Select(value => (float)(Half)value), read);
    }

    [Fact]
    public void SafetensorsFile_ValueTooLargeForHalves_IsNamedAndNothingIsWritten()
    {
        using var folder = new TemporaryFolder();
        Parameter[] large = [new("a", [1], new float[1]), new("b", [2], new[] { 1f, -70000f })];
        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Write(folder["h.safetensors"], large, ElementType.Float16)).Message;
        Assert.Equal("parameter 'b' holds -70000, expected at most 65504 for float16. Write float32.", message);
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(folder["h.safetensors"], large, ElementType.Int8));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public void SafetensorsFile_IntegersOrWrongLength_AreRefused()
    {
        using var folder = new TemporaryFolder();
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write("i.safetensors", Bytes("""{"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8])));
        Assert.Equal(
            $"{file.FilePath}: tensor 'i' has dtype I64, expected F32, F16 or BF16. Convert the checkpoint to one of these.",
            Assert.Throws<InvalidDataException>(() => Read(file, "i")).Message);

        SafetensorsFile.Write(folder["f.safetensors"], [new Parameter("f", [2], new float[2])]);
        SafetensorsFile floats = SafetensorsFile.Open(folder["f.safetensors"]);
        Assert.StartsWith("the destination has 3 elements, expected 2 for tensor 'f'.", Assert.Throws<ArgumentException>(() => floats.Read(floats.Tensors[0], new float[3])).Message);
        floats.Dispose();
        floats.Dispose();
        Assert.Throws<ObjectDisposedException>(() => floats.Read(floats.Tensors[0], new float[2]));
    }

    [Fact]
    public void SafetensorsFile_TwoParametersOfOneName_AreRefusedAndNothingIsWritten()
    {
        using var folder = new TemporaryFolder();
        Parameter[] twice = [new("a", [1], new float[1]), new("a", [1], new float[1])];
        Assert.StartsWith("parameter 'a' stands twice", Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(folder["f.safetensors"], twice)).Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    internal static byte[] Bytes(string header, ReadOnlySpan<byte> data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. data];
    }

    private static byte[] Mutate(byte[] sound, Random random, string[] fragments)
    {
        var bytes = new List<byte>(sound);
        int header = sound.Length - 44;
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(random.Next(4) == 0 ? 8 : 0, Math.Min(header, bytes.Count));
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 6)));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(fragments[random.Next(fragments.Length)]));
                    break;
                default:
                    // Digits alone: offsets and shapes that are well formed but wrong.
                    int digit = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
                    bytes[digit >= 0 ? digit : at] = (byte)('0' + random.Next(10));
                    break;
            }
        }

        // Half of them with a length that fits the changed header again, so that the JSON is reached.
        if (random.Next(2) == 0 && bytes.Count > 52)
        {
            byte[] length = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)(bytes.Count - 8 - 44));
            for (int i = 0; i < 8; i++)
            {
                bytes[i] = length[i];
            }
        }

        return [.. bytes];
    }

    private static float[] Read(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGet(name, out SafetensorsTensor? tensor));
        var values = new float[tensor!.ElementCount];
        file.Read(tensor, values);
        return values;
    }
}
