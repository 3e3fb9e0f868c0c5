using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>Reads a safetensors file into PyTorch's tensors, from the format's description alone: 8 bytes of length, a JSON header, the data.</summary>
internal static class SafetensorsReader
{
    /// <summary>The tensors by name, as float32.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dtype">What all of them are stored as, <c>F32</c> or <c>F16</c>.</param>
    public static Dictionary<string, Tensor> Read(string path, string dtype)
    {
        byte[] file = File.ReadAllBytes(path);
        int headerLength = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file));
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        var tensors = new Dictionary<string, Tensor>();
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            int[] range = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32())];
            ReadOnlySpan<byte> data = file.AsSpan(8 + headerLength)[range[0]..range[1]];
            Assert.Equal(dtype, entry.Value.GetProperty("dtype").GetString());
            float[] values = entry.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => MemoryMarshal.Cast<byte, float>(data).ToArray(),
                "F16" => [.. MemoryMarshal.Cast<byte, Half>(data).ToArray().Select(value => (float)value)],
                string other => throw new InvalidDataException($"{path}: {entry.Name} is {other}, expected F32 or F16."),
                null => throw new InvalidDataException($"{path}: {entry.Name} has no dtype."),
            };
            tensors.Add(entry.Name, tensor(values, shape));
        }

        return tensors;
    }
}
