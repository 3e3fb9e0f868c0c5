using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>
/// A FlatBuffer that is not trusted: every read is checked against the bytes that are there and names the field where it fails.
/// Tables, texts and tensors that are read may together be a few times as long as the buffer, whatever its offsets say, so that
/// memory and time are bounded by it.
/// </summary>
internal readonly ref struct FlatBuffer
{
    // Tables are distinct in what FlatBuffers' own builders write, and texts may be shared: a name of 60 bytes by a parameter and
    // its state. Beyond this, offsets point to the same place again and again.
    private const int Allowance = 8;

    // The least that a table takes: its distance from its vtable, and a reference to it.
    private const int TableCost = 8;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _source;
    private readonly Budget _budget;

    /// <param name="bytes">The buffer.</param>
    /// <param name="source">Where it is from, for messages.</param>
    public FlatBuffer(ReadOnlySpan<byte> bytes, string source)
    {
        _bytes = bytes;
        _source = source;
        _budget = new Budget { LeftInBytes = ((long)bytes.Length * Allowance) + 64 };
    }

    public FlatTable Root() => TableAt(0, "the root");

    /// <summary>The table to which the offset at a position leads.</summary>
    public FlatTable TableAt(long position, string field)
    {
        Charge(TableCost, field);
        long table = Target(position, field);
        long vtable = table - Int32(table, field);
        int vtableLength = UInt16(vtable, field);
        int tableLength = UInt16(vtable + 2, field);
        if (vtableLength < 4 || vtableLength % 2 != 0 || tableLength < 4)
        {
            Fail(field, $"its vtable at byte {vtable} has {vtableLength} bytes for a table of {tableLength}, expected an even number of at least 4, and at least 4");
        }

        Require(vtable, vtableLength, field);
        Require(table, tableLength, field);
        return new FlatTable(this, (int)table, (int)vtable, vtableLength, tableLength);
    }

    /// <summary>The place of the first element of the vector to which the offset at a position leads, and the number of elements.</summary>
    public (int Start, int Count) VectorAt(long position, int elementSize, string field)
    {
        long vector = Target(position, field);
        uint count = (uint)Int32(vector, field);
        Require(vector + 4, count * (long)elementSize, field);
        return ((int)vector + 4, (int)count);
    }

    public string TextAt(long position, string field)
    {
        (int start, int count) = VectorAt(position, 1, field);
        Charge(count, field);
        ReadOnlySpan<byte> text = _bytes.Slice(start, count);
        if (!System.Text.Unicode.Utf8.IsValid(text))
        {
            Fail(field, "it is no UTF-8 text");
        }

        return Encoding.UTF8.GetString(text);
    }

    /// <summary>A copy of float32 elements.</summary>
    public float[] Floats(int start, int count, string field)
    {
        Charge((long)count * sizeof(float), field);
        var elements = new float[count];
        _bytes.Slice(start, count * sizeof(float)).CopyTo(MemoryMarshal.AsBytes(elements.AsSpan()));
        return elements;
    }

    public byte Byte(long position, string field)
    {
        Require(position, sizeof(byte), field);
        return _bytes[(int)position];
    }

    public ushort UInt16(long position, string field)
    {
        Require(position, sizeof(ushort), field);
        return BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(int)position..]);
    }

    public int Int32(long position, string field)
    {
        Require(position, sizeof(int), field);
        return BinaryPrimitives.ReadInt32LittleEndian(_bytes[(int)position..]);
    }

    public long Int64(long position, string field)
    {
        Require(position, sizeof(long), field);
        return BinaryPrimitives.ReadInt64LittleEndian(_bytes[(int)position..]);
    }

    public void Fail(string field, string problem) => Throw.InvalidData($"{_source}: {field}: {problem}.");

    private long Target(long position, string field) => position + (uint)Int32(position, field);

    private void Require(long position, long length, string field)
    {
        if (position < 0 || length > _bytes.Length - position)
        {
            Fail(field, $"it would be {length} bytes at byte {position}, expected within the {_bytes.Length} bytes that are there; the file is cut off or damaged");
        }
    }

    private void Charge(long bytes, string field)
    {
        _budget.LeftInBytes -= bytes;
        if (_budget.LeftInBytes < 0)
        {
            Fail(field, $"tables and texts would be more than {Allowance} times as long as the file, expected each to be used once; the file is damaged");
        }
    }

    private sealed class Budget
    {
        public long LeftInBytes { get; set; }
    }
}
