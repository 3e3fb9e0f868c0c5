using System.Text;

namespace GoEmotions.Onnx.Models;

/// <summary>
/// Walks a protobuf message in a stream without holding it: what is passed over is not read. Not thread-safe; the stream is
/// borrowed.
/// </summary>
internal sealed class ProtobufReader(Stream stream, string source)
{
    /// <summary>The wire type of integers.</summary>
    public const int Varint = 0;

    /// <summary>The wire type of strings, bytes and messages.</summary>
    public const int LengthDelimited = 2;

    private const int Fixed64 = 1;
    private const int Fixed32 = 5;
    private const int MaxVarintLength = 10;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private long _bufferPosition;

    /// <summary>The size of the whole message in bytes.</summary>
    public long Length { get; } = stream.Length;

    /// <summary>The next byte's distance from the beginning.</summary>
    public long Position => _bufferPosition + _start;

    /// <summary>Reads the next field's number and wire type; false at the end of the message that ends at <paramref name="end"/>.</summary>
    public bool TryReadTag(long end, out int field, out int wireType)
    {
        field = wireType = 0;
        if (Position >= end)
        {
            return false;
        }

        ulong tag = ReadVarint(end);
        if (tag is < 8 or > uint.MaxValue)
        {
            Refuse($"field tag {tag}, expected a field number from 1 on");
        }

        field = (int)(tag >> 3);
        wireType = (int)(tag & 7);
        return true;
    }

    /// <summary>Reads an integer.</summary>
    public ulong ReadVarint(long end)
    {
        ulong value = 0;
        for (int index = 0; index < MaxVarintLength; index++)
        {
            byte next = ReadByte(end);
            value |= (ulong)(next & 0x7F) << (7 * index);
            if (next < 0x80)
            {
                return value;
            }
        }

        Refuse($"an integer of more than {MaxVarintLength} bytes");
        return 0;
    }

    /// <summary>Reads the length of a string, bytes or message, and returns where it ends.</summary>
    public long ReadEnd(long end)
    {
        ulong length = ReadVarint(end);
        if (length > (ulong)(end - Position))
        {
            Refuse($"a part of {length} bytes where {end - Position} are left");
        }

        return Position + (long)length;
    }

    /// <summary>Reads a string of at most <paramref name="maxLength"/> bytes.</summary>
    public string ReadString(long end, int maxLength)
    {
        long stringEnd = ReadEnd(end);
        long length = stringEnd - Position;
        if (length > maxLength)
        {
            Refuse($"a name of {length} bytes, expected at most {maxLength}");
        }

        byte[] bytes = new byte[length];
        for (int index = 0; index < bytes.Length; index++)
        {
            bytes[index] = ReadByte(stringEnd);
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Passes over a field's value.</summary>
    public void Skip(int wireType, long end)
    {
        switch (wireType)
        {
            case Varint:
                ReadVarint(end);
                break;
            case LengthDelimited:
                SkipTo(ReadEnd(end));
                break;
            case Fixed64:
                SkipFixed(sizeof(ulong), end);
                break;
            case Fixed32:
                SkipFixed(sizeof(uint), end);
                break;
            default:
                Refuse($"wire type {wireType}, expected 0, 1, 2 or 5");
                break;
        }
    }

    /// <summary>Moves on to a place ahead.</summary>
    public void SkipTo(long position)
    {
        long ahead = position - Position;
        if (ahead <= _end - _start)
        {
            _start += (int)ahead;
            return;
        }

        stream.Position = position;
        _bufferPosition = position;
        _start = _end = 0;
    }

    /// <summary>Refuses the message, naming the place.</summary>
    /// <exception cref="InvalidDataException">Always.</exception>
    public void Refuse(string found) => Throw.InvalidData($"{source}: at byte {Position}: found {found}. The file is no ONNX model, or is damaged; take it from its source again.");

    private void SkipFixed(int size, long end)
    {
        if (end - Position < size)
        {
            Refuse("the end in the midst of a number");
        }

        SkipTo(Position + size);
    }

    private byte ReadByte(long end)
    {
        if (Position >= end)
        {
            Refuse("the end in the midst of a field");
        }

        if (_start == _end)
        {
            _bufferPosition += _end;
            _start = 0;
            _end = stream.Read(_buffer);
            if (_end == 0)
            {
                Refuse("the end of the file");
            }
        }

        return _buffer[_start++];
    }
}
