using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary>TensorFlow's record framing: length, its masked CRC-32C, the data, their masked CRC-32C (tensorflow/core/lib/io/record_writer.h).</summary>
internal static class RecordFraming
{
    private const uint MaskDelta = 0xa282ead8;
    private const int HeaderSize = sizeof(ulong) + sizeof(uint);

    /// <summary>Writes one record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[sizeof(ulong)..], MaskedCrc(header[..sizeof(ulong)]));
        Span<byte> footer = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedCrc(data));
        stream.Write(header);
        stream.Write(data);
        stream.Write(footer);
    }

    /// <summary>The CRC-32C of some bytes, rotated and shifted as the format wants it.</summary>
    public static uint MaskedCrc(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Crc(data), 15) + MaskDelta;

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (byte rest in data[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }
}
