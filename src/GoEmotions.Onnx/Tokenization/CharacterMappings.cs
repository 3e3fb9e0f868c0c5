namespace GoEmotions.Onnx.Tokenization;

/// <summary>Code points that stand for other code points, in order. Immutable.</summary>
internal sealed class CharacterMappings
{
    private readonly int[] _keys;
    private readonly int[] _starts;
    private readonly int[] _values;

    private CharacterMappings(int[] keys, int[] starts, int[] values)
    {
        _keys = keys;
        _starts = starts;
        _values = values;
    }

    /// <summary>The code points that are mapped, ascending.</summary>
    public ReadOnlySpan<int> Keys => _keys;

    public static CharacterMappings Read(ref CharacterTableReader reader)
    {
        int count = reader.ReadNumber();
        int[] keys = new int[count];
        int[] starts = new int[count + 1];
        var values = new List<int>(count * 2);
        int key = 0;
        for (int index = 0; index < count; index++)
        {
            key += reader.ReadNumber();
            keys[index] = key;
            for (int remaining = reader.ReadNumber(); remaining > 0; remaining--)
            {
                values.Add(key + reader.ReadSigned());
            }

            starts[index + 1] = values.Count;
        }

        return new CharacterMappings(keys, starts, [.. values]);
    }

    /// <summary>Writes what the code point stands for, itself where it is not mapped, and returns the length.</summary>
    public int Map(int codePoint, Span<int> destination)
    {
        int index = Array.BinarySearch(_keys, codePoint);
        if (index < 0)
        {
            destination[0] = codePoint;
            return 1;
        }

        ReadOnlySpan<int> values = _values.AsSpan(_starts[index].._starts[index + 1]);
        values.CopyTo(destination);
        return values.Length;
    }
}
