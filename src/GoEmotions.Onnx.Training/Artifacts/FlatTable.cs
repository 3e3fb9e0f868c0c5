namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>A table of a <see cref="FlatBuffer"/>. A field that is absent has its default.</summary>
internal readonly ref struct FlatTable
{
    private readonly FlatBuffer _buffer;
    private readonly int _position;
    private readonly int _vtable;
    private readonly int _vtableLength;
    private readonly int _length;

    public FlatTable(FlatBuffer buffer, int position, int vtable, int vtableLength, int length)
    {
        _buffer = buffer;
        _position = position;
        _vtable = vtable;
        _vtableLength = vtableLength;
        _length = length;
    }

    public bool Has(int slot, string field) => Find(slot, 1, field) is not null;

    public int Int32(int slot, string field) => Find(slot, sizeof(int), field) is long at ? _buffer.Int32(at, field) : 0;

    public long Int64(int slot, string field) => Find(slot, sizeof(long), field) is long at ? _buffer.Int64(at, field) : 0;

    public float Single(int slot, string field) => Find(slot, sizeof(float), field) is long at ? BitConverter.Int32BitsToSingle(_buffer.Int32(at, field)) : 0;

    public bool Flag(int slot, string field) => Find(slot, 1, field) is long at && _buffer.Byte(at, field) != 0;

    /// <summary>A text that must be there.</summary>
    public string Text(int slot, string field) => _buffer.TextAt(Require(slot, field), field);

    /// <summary>A table that must be there.</summary>
    public FlatTable Table(int slot, string field) => _buffer.TableAt(Require(slot, field), field);

    /// <summary>The place of the first element and the number of elements of a vector that must be there.</summary>
    public (int Start, int Count) Vector(int slot, int elementSize, string field) => _buffer.VectorAt(Require(slot, field), elementSize, field);

    private long Require(int slot, string field)
    {
        if (Find(slot, sizeof(int), field) is not long at)
        {
            _buffer.Fail(field, "it is missing");
            return 0;
        }

        return at;
    }

    private long? Find(int slot, int size, string field)
    {
        int entry = 4 + (2 * slot);
        if (entry + 2 > _vtableLength)
        {
            return null;
        }

        int offset = _buffer.UInt16(_vtable + entry, field);
        if (offset == 0)
        {
            return null;
        }

        if (offset < 4 || offset + size > _length)
        {
            _buffer.Fail(field, $"it would be {size} bytes at byte {offset} of a table of {_length}, expected within it behind byte 4");
        }

        return _position + offset;
    }
}
