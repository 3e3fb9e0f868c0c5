namespace GoEmotions.Onnx.Tokenization;

/// <summary>One byte for each code point, stored as runs of equal values. Immutable.</summary>
internal sealed class CharacterRuns
{
    private readonly int[] _starts;
    private readonly byte[] _values;

    private CharacterRuns(int[] starts, byte[] values)
    {
        _starts = starts;
        _values = values;
    }

    public static CharacterRuns Read(ref CharacterTableReader reader)
    {
        int count = reader.ReadNumber();
        int[] starts = new int[count];
        byte[] values = new byte[count];
        int start = 0;
        for (int run = 0; run < count; run++)
        {
            starts[run] = start;
            start += reader.ReadNumber();
            values[run] = (byte)reader.ReadNumber();
        }

        if (start != CharacterTable.CodePointEnd)
        {
            Throw.InvalidData($"characters.bin: runs end at {start:X}, expected {CharacterTable.CodePointEnd:X}. Derive it anew with tests/node/characters.mjs.");
        }

        return new CharacterRuns(starts, values);
    }

    public byte ValueOf(int codePoint)
    {
        int run = Array.BinarySearch(_starts, codePoint);
        return _values[run >= 0 ? run : ~run - 1];
    }

    /// <summary>Writes the values of the first code points.</summary>
    public void Fill(Span<byte> destination)
    {
        for (int run = 0; run < _starts.Length && _starts[run] < destination.Length; run++)
        {
            int end = run + 1 < _starts.Length ? int.Min(_starts[run + 1], destination.Length) : destination.Length;
            destination[_starts[run]..end].Fill(_values[run]);
        }
    }
}
