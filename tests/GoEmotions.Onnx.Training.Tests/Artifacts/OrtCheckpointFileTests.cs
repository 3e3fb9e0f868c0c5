using System.Buffers.Binary;
using System.Text;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Artifacts;

namespace GoEmotions.Onnx.Training.Tests.Artifacts;

public sealed class OrtCheckpointFileTests
{
    private const int MutationCount = 100_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OrtCheckpointFile_SavedAndLoaded_IsTheSame(int version)
    {
        OrtCheckpoint checkpoint = Small() with { Version = version };
        OrtCheckpoint back = RoundTrip(checkpoint);
        Assert.Equal(version, back.Version);
        AssertSame(checkpoint.Trained, back.Trained);
        AssertSame(checkpoint.Frozen, back.Frozen);
        Assert.Equal((7, 0.25f, "group0"), (back.Optimizer!.Step, back.Optimizer.LearningRate, back.Optimizer.GroupName));
        AssertSame(checkpoint.Optimizer!.FirstMoments, back.Optimizer.FirstMoments);
        AssertSame(checkpoint.Optimizer.SecondMoments, back.Optimizer.SecondMoments);
        Assert.Equal(checkpoint.IntegerProperties, back.IntegerProperties);
        Assert.Equal(checkpoint.FloatProperties, back.FloatProperties);
        Assert.Equal(checkpoint.TextProperties, back.TextProperties);
    }

    [Fact]
    public void OrtCheckpointFile_NothingButParameters_IsReadAsThat()
    {
        OrtCheckpoint back = RoundTrip(new OrtCheckpoint { Trained = new ParameterSet(new Parameter("w", [2, 0], Array.Empty<float>())) });
        Assert.Equal([2, 0], Assert.Single(back.Trained).Shape);
        Assert.Empty(back.Frozen);
        Assert.Null(back.Optimizer);
        Assert.Empty(back.IntegerProperties);
    }

    [Fact]
    public void OrtCheckpointFile_MomentsOfSgd_AreTheFirstOnly()
    {
        OrtCheckpoint small = Small();
        OrtCheckpoint back = RoundTrip(small with { Optimizer = small.Optimizer! with { SecondMoments = new ParameterSet() } });
        Assert.Equal(2, back.Optimizer!.FirstMoments.Count);
        Assert.Empty(back.Optimizer.SecondMoments);
    }

    [Fact]
    public void OrtCheckpointFile_EveryTruncation_IsRefused()
    {
        byte[] bytes = Bytes(Small());

        // At the end stands what was written first, the name of a tensor, with a 0 behind it that nobody reads.
        int end = Find(bytes, "layer.weight"u8) + "layer.weight".Length;
        Assert.InRange(bytes.Length - end, 1, 4);
        AssertSame(Small().Trained, OrtCheckpointFile.Parse(bytes.AsSpan(0, end), "cut").Trained);
        for (int length = 0; length < end; length++)
        {
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => OrtCheckpointFile.Parse(bytes.AsSpan(0, length), "cut"));
            Assert.StartsWith("cut", error.Message);
        }
    }

    [Fact]
    public void OrtCheckpointFile_WrongFields_AreNamed()
    {
        Refused("version: it is 3, expected 1 (ONNX Runtime 1.16 and 1.17) or 2 (1.18 and 1.19)", Bytes(Small(), bytes => Replace(bytes, FieldOfRoot(bytes, 0), 3)));
        Refused("file_identifier, bytes 4 to 7, is 4F52544D", Bytes(Small(), bytes => "ORTM"u8.CopyTo(bytes.AsSpan(4))));
        Refused("(0 bytes) is no checkpoint", []);
        Refused("module_state: it is missing", Bytes(Small(), bytes => Replace(bytes, Vtable(bytes, Follow(bytes, 0)) + 4 + (2 * OrtCheckpointSlots.Checkpoint.ModuleState), (short)0)));

        // The dims of the trained 'layer.weight', found by their values 2 and 3 beside each other.
        Refused("requires_grad_params[0].raw_data: it has 24 bytes for 'layer.weight', expected 32 for its dims [2, 4]", Bytes(Small(), bytes => Replace(bytes, Find(bytes, [2L, 3L]) + 8, 4L)));
        Refused("requires_grad_params[0].dims: they are [-2] of 'layer.weight'", Bytes(Small(), bytes => Replace(bytes, Find(bytes, [2L, 3L]), -2L)));
        Refused("dims: they are [2, 4611686018427387904] of 'layer.weight'", Bytes(Small(), bytes => Replace(bytes, Find(bytes, [2L, 3L]) + 8, 1L << 62)));
        Refused("optimizer_states[0].param_name: it is 'layer.weighT', which is no trained parameter", Bytes(Small(), bytes => bytes[FindInState(bytes, "layer.weight") + 11] = (byte)'T'));
        Refused("'momentum2', expected momentum0 or momentum1", Bytes(Small(), bytes => bytes[FindInState(bytes, "momentum1") + 8] = (byte)'2'));
        Refused("it is no UTF-8 text", Bytes(Small(), bytes => bytes[FindInState(bytes, "layer.bias")] = 0xFF));

        OrtCheckpoint small = Small();
        Refused("optimizer_groups[0].step: it is -1, expected 0 or more", Bytes(small with { Optimizer = small.Optimizer! with { Step = -1 } }));
        Refused("optimizer_states: there is none of 'layer.bias'", Bytes(small with { Optimizer = small.Optimizer! with { FirstMoments = new ParameterSet(small.Optimizer.FirstMoments.First()), SecondMoments = new ParameterSet() } }));
        Refused("dims: they are [6], expected [2, 3], those of 'layer.weight'", Bytes(small with { Optimizer = small.Optimizer! with { FirstMoments = new ParameterSet(new Parameter("layer.weight", [6], new float[6]), small.Optimizer.FirstMoments["layer.bias"]), SecondMoments = new ParameterSet() } }));
        Refused("frozen_params: 'layer.bias' stands in requires_grad_params too", Bytes(small with { Frozen = new ParameterSet(small.Trained["layer.bias"]) }));
    }

    [Fact]
    public void OrtCheckpointFile_OtherFiles_AreNamedForWhatTheyAre()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("found JSON text", Assert.Throws<InvalidDataException>(() => OrtCheckpointFile.Load(folder.Write("a.json", "{\"not\": \"a checkpoint\"}"))).Message);
        Assert.Contains("is a folder", Assert.Throws<InvalidDataException>(() => OrtCheckpointFile.Load(folder.Root)).Message);
        Assert.Throws<FileNotFoundException>(() => OrtCheckpointFile.Load(folder["none"]));
        Assert.False(OrtCheckpointFile.IsCheckpoint(folder["a.json"]));
        Assert.Equal("checkpoint", Assert.Throws<ArgumentException>(() => OrtCheckpointFile.Save(Small() with { Version = 3 }, folder["c"])).ParamName);
    }

    // Tensors that share their bytes would make a small file into as much memory as it has tensors.
    [Fact]
    public void OrtCheckpointFile_ThousandsOfTensorsOverTheSameBytes_AreRefused()
    {
        const int Large = 20_000;
        byte[] bytes = Bytes(new OrtCheckpoint
        {
            Trained = new ParameterSet(Enumerable.Range(0, 4000).Select(index => new Parameter($"p{index:0000}", [1], new float[1])).Prepend(new Parameter("large", [Large], new float[Large]))),
        });
        int vector = Follow(bytes, Field(bytes, Follow(bytes, FieldOfRoot(bytes, OrtCheckpointSlots.Checkpoint.ModuleState)), OrtCheckpointSlots.ModuleState.RequiresGradParams));
        int data = Follow(bytes, Field(bytes, Entry(0), OrtCheckpointSlots.Tensor.RawData));
        for (int index = 1; index <= 4000; index++)
        {
            int field = Field(bytes, Entry(index), OrtCheckpointSlots.Tensor.RawData);
            Replace(bytes, Follow(bytes, Field(bytes, Entry(index), OrtCheckpointSlots.Tensor.Dims)) + 4, (long)Large);
            Replace(bytes, field, data - field);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused("more than 8 times as long as the file", bytes);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 40L * bytes.Length);

        int Entry(int index) => Follow(bytes, vector + 4 + (index * 4));
    }

    [Fact]
    public void OrtCheckpointFile_Mutations_AreReadOrRefusedAndNothingElse()
    {
        var random = new Random(20240918);
        byte[] original = Bytes(Small());
        byte[] bytes = new byte[original.Length];
        int read = 0;
        long largest = 0;
        for (int mutation = 0; mutation < MutationCount; mutation++)
        {
            original.CopyTo(bytes, 0);
            int changes = 1 + random.Next(4);
            for (int change = 0; change < changes; change++)
            {
                Mutate(random, bytes);
            }

            ReadOnlySpan<byte> mutated = bytes.AsSpan(0, random.Next(8) == 0 ? random.Next(bytes.Length + 1) : bytes.Length);
            long start = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                OrtCheckpointFile.Parse(mutated, "mutated");
                read++;
            }
            catch (InvalidDataException)
            {
                // What is asked for.
            }
            catch (Exception error)
            {
                Assert.Fail($"mutation {mutation} (seed 20240918): {error}");
            }

            largest = Math.Max(largest, GC.GetAllocatedBytesForCurrentThread() - start);
        }

        // Texts are two bytes a character in memory, and tables become objects of some ten times their size.
        Assert.True(largest < 100 * original.Length, $"a file of {original.Length} bytes took {largest}");
        Assert.True(read is > MutationCount / 100 and < MutationCount, $"{read} of {MutationCount} mutations were read: some change only values, others what they must not");
    }

    private static void Mutate(Random random, byte[] bytes)
    {
        int at = random.Next(bytes.Length);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                int[] extremes = [0, 1, -1, 4, int.MaxValue, int.MinValue, bytes.Length, bytes.Length - at];
                Replace(bytes, Math.Min(at & ~3, bytes.Length - 4), extremes[random.Next(extremes.Length)]);
                break;
            case 3:
                Replace(bytes, Math.Min(at & ~3, bytes.Length - 4), random.Next(-64, 2 * bytes.Length));
                break;
            default:
                int length = Math.Min(random.Next(1, 32), bytes.Length - at);
                bytes.AsSpan(random.Next(bytes.Length - length + 1), length).CopyTo(bytes.AsSpan(at));
                break;
        }
    }

    private static OrtCheckpoint Small()
    {
        ParameterSet Set(float start) => new(new Parameter("layer.weight", [2, 3], Values(start, 6)), new Parameter("layer.bias", [2], Values(start + 6, 2)));
        return new OrtCheckpoint
        {
            Trained = Set(1),
            Frozen = new ParameterSet(new Parameter("table", [3, 1, 2], Values(-3, 6)), new Parameter("scalar", [], Values(9, 1))),
            Optimizer = new OrtOptimizerState { Step = 7, LearningRate = 0.25f, FirstMoments = Set(100), SecondMoments = Set(200) },
            IntegerProperties = new Dictionary<string, long> { ["epoch"] = long.MinValue, ["zero"] = 0 },
            FloatProperties = new Dictionary<string, float> { ["best"] = 0.5f },
            TextProperties = new Dictionary<string, string> { ["name"] = "größer 🙂", ["empty"] = "" },
        };
    }

    private static float[] Values(float start, int count) => [.. Enumerable.Range(0, count).Select(index => start + (index * 0.125f))];

    private static OrtCheckpoint RoundTrip(OrtCheckpoint checkpoint)
    {
        using var folder = new TemporaryFolder();
        OrtCheckpointFile.Save(checkpoint, folder["checkpoint"]);
        Assert.True(OrtCheckpointFile.IsCheckpoint(folder["checkpoint"]));
        return OrtCheckpointFile.Load(folder["checkpoint"]);
    }

    private static byte[] Bytes(OrtCheckpoint checkpoint, Action<byte[]>? change = null)
    {
        byte[] bytes = [.. OrtCheckpointWriter.Write(checkpoint)];
        change?.Invoke(bytes);
        return bytes;
    }

    private static void Refused(string expected, byte[] bytes) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => OrtCheckpointFile.Parse(bytes, "file")).Message);

    private static void AssertSame(ParameterSet expected, ParameterSet found)
    {
        Assert.Equal(expected.Select(parameter => parameter.Name), found.Select(parameter => parameter.Name));
        Assert.All(expected, parameter =>
        {
            Assert.Equal(parameter.Shape, found[parameter.Name].Shape);
            Assert.Equal(parameter.Values.ToArray(), found[parameter.Name].Values.ToArray());
        });
    }

    private static int Vtable(byte[] bytes, int table) => table - BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(table));

    private static int Field(byte[] bytes, int table, int slot) => table + BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(Vtable(bytes, table) + 4 + (2 * slot)));

    private static int FieldOfRoot(byte[] bytes, int slot) => Field(bytes, Follow(bytes, 0), slot);

    private static int Follow(byte[] bytes, int at) => at + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

    private static void Replace<T>(byte[] bytes, int at, T value)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.Write(bytes.AsSpan(at), in value);

    // A FlatBuffer is written from its end: the trained parameters stand last in it, the optimizer's state before them.
    private static int Find<T>(byte[] bytes, params ReadOnlySpan<T> values)
        where T : unmanaged
    {
        int at = bytes.AsSpan().LastIndexOf(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));
        Assert.True(at >= 0, "the fields are not where the test looks for them");
        return at;
    }

    private static int FindInState(byte[] bytes, string text)
    {
        int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.True(at >= 0, $"'{text}' is not in the file");
        return at;
    }
}
