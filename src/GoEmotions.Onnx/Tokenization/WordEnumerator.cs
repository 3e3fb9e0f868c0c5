using System.Text;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>The words of a normalised text, one range after the other; for <c>foreach</c>.</summary>
public ref struct WordEnumerator
{
    private readonly ReadOnlySpan<char> _text;
    private int _position;

    internal WordEnumerator(ReadOnlySpan<char> text)
    {
        _text = text;
    }

    /// <summary>The current word's place in the text.</summary>
    public Range Current { get; private set; }

    /// <summary>Returns this enumeration.</summary>
    /// <returns>This enumeration.</returns>
    public readonly WordEnumerator GetEnumerator() => this;

    /// <summary>Moves to the next word.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        int start = _position;
        while (_position < _text.Length)
        {
            Rune.DecodeFromUtf16(_text[_position..], out Rune rune, out int length);
            CharacterFlags flags = CharacterTable.Instance.FlagsOf(rune.Value);
            if ((flags & (CharacterFlags.WhiteSpace | CharacterFlags.Punctuation)) == 0)
            {
                _position += length;
                continue;
            }

            if (start < _position)
            {
                break;
            }

            _position += length;
            if ((flags & CharacterFlags.Punctuation) != 0)
            {
                break;
            }

            start = _position;
        }

        Current = start.._position;
        return start < _position;
    }
}
