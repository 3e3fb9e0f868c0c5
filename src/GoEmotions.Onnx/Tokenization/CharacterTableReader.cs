namespace GoEmotions.Onnx.Tokenization;

/// <summary>Reads the numbers of characters.bin: LEB128, signed ones in zigzag form.</summary>
internal ref struct CharacterTableReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    public int ReadNumber()
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = _data[_position++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    public int ReadSigned()
    {
        int value = ReadNumber();
        return (value & 1) == 0 ? value >> 1 : -(value >> 1) - 1;
    }

    public void ReadSignature(ReadOnlySpan<byte> signature)
    {
        if (!_data[_position..].StartsWith(signature))
        {
            Throw.InvalidData("characters.bin: found another signature, expected BERTCHR1. Derive it anew with tests/node/characters.mjs.");
        }

        _position += signature.Length;
    }

    public readonly void ReadEnd()
    {
        if (_position != _data.Length)
        {
            Throw.InvalidData($"characters.bin: found {_data.Length} bytes, expected {_position}. Derive it anew with tests/node/characters.mjs.");
        }
    }
}
