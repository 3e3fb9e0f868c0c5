using System.Buffers.Binary;
using System.Text;

namespace GoEmotions.Onnx.Training.Tests.Monitoring;

/// <summary>An event file read back without the code that wrote it: frames, checksums by a bitwise CRC-32C, and protobuf fields by hand.</summary>
internal static class EventFile
{
    /// <summary>The events: step, file version, whether a session starts, and the scalars.</summary>
    public static List<(long Step, string? Version, bool IsStart, Dictionary<string, float> Scalars)> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        var events = new List<(long, string?, bool, Dictionary<string, float>)>();
        for (int place = 0; place < file.Length;)
        {
            Assert.Equal(Masked(file.AsSpan(place, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(place + 8)));
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(place));
            ReadOnlySpan<byte> data = file.AsSpan(place + 12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(place + 12 + length)));
            place += 16 + length;
            long step = 0;
            string? version = null;
            bool isStart = false;
            var scalars = new Dictionary<string, float>();
            foreach ((int field, ulong number, byte[] bytes) in Fields(data))
            {
                switch (field)
                {
                    case 1:
                        Assert.InRange(BitConverter.UInt64BitsToDouble(number), 1e9, 1e11);
                        break;
                    case 2:
                        step = (long)number;
                        break;
                    case 3:
                        version = Encoding.UTF8.GetString(bytes);
                        break;
                    case 5:
                        foreach ((_, _, byte[] value) in Fields(bytes))
                        {
                            List<(int Field, ulong Number, byte[] Bytes)> parts = Fields(value);
                            scalars.Add(Encoding.UTF8.GetString(parts.Single(part => part.Field == 1).Bytes), BitConverter.UInt32BitsToSingle((uint)parts.Single(part => part.Field == 2).Number));
                        }

                        break;
                    case 7:
                        isStart = Fields(bytes).Single() is { Field: 1, Number: 1 };
                        break;
                    default:
                        Assert.Fail($"field {field} is none that is written");
                        break;
                }
            }

            events.Add((step, version, isStart, scalars));
        }

        return events;
    }

    private static List<(int Field, ulong Number, byte[] Bytes)> Fields(ReadOnlySpan<byte> data)
    {
        var fields = new List<(int, ulong, byte[])>();
        while (data.Length > 0)
        {
            ulong tag = Varint(ref data);
            int size = (tag & 7) switch { 0 => 0, 1 => 8, 5 => 4, _ => -1 };
            if (size == 0)
            {
                fields.Add(((int)(tag >> 3), Varint(ref data), []));
                continue;
            }

            if (size < 0)
            {
                size = (int)Varint(ref data);
                fields.Add(((int)(tag >> 3), 0, data[..size].ToArray()));
            }
            else
            {
                fields.Add(((int)(tag >> 3), size == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(data) : BinaryPrimitives.ReadUInt32LittleEndian(data), []));
            }

            data = data[size..];
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = data[0];
            data = data[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    // Castagnoli's polynomial, reflected, bit by bit.
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = 0xffffffff;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
            }
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}
