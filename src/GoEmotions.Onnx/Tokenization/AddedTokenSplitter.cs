namespace GoEmotions.Onnx.Tokenization;

/// <summary>Splits a text into added tokens and what lies between them, in order.</summary>
/// <remarks>A match that is passed over (special tokens as text, a single word that has neighbours) still uses up its text, as in the reference.</remarks>
internal ref struct AddedTokenSplitter
{
    private readonly AddedTokenMatcher _matcher;
    private readonly ReadOnlySpan<AlignedCharacter> _text;
    private readonly bool _specialTokensAsText;
    private int _searchStart;
    private int _splitStart;
    private AddedTokenEntry? _pending;
    private int _pendingStart;
    private int _pendingEnd;

    public AddedTokenSplitter(AddedTokenMatcher matcher, ReadOnlySpan<AlignedCharacter> text, bool specialTokensAsText)
    {
        _matcher = matcher;
        _text = text;
        _specialTokensAsText = specialTokensAsText;
    }

    /// <summary>The added token, or null for text between.</summary>
    public AddedTokenEntry? Token { get; private set; }

    /// <summary>The split's first character.</summary>
    public int Start { get; private set; }

    /// <summary>The split's end, exclusive.</summary>
    public int End { get; private set; }

    public bool MoveNext()
    {
        while (_pending is null && FindMatch())
        {
        }

        if (_pending is null)
        {
            (Token, Start, End) = (null, _splitStart, _text.Length);
            _splitStart = _text.Length;
            return Start < End;
        }

        if (_splitStart < _pendingStart)
        {
            (Token, Start, End) = (null, _splitStart, _pendingStart);
            _splitStart = _pendingStart;
            return true;
        }

        (Token, Start, End) = (_pending, _pendingStart, _pendingEnd);
        _splitStart = _pendingEnd;
        _pending = null;
        return true;
    }

    // Whether to go on looking: false when a match is pending or the text is used up.
    private bool FindMatch()
    {
        AddedTokenEntry? match = _matcher.FindNext(_text, ref _searchStart);
        if (match is null)
        {
            return false;
        }

        int start = _searchStart;
        int end = start + match.Pattern.Length;
        _searchStart = end;
        if ((match.Token.Special && _specialTokensAsText)
            || (match.Token.SingleWord && (Is(start - 1, CharacterFlags.Word) || Is(end, CharacterFlags.Word))))
        {
            return true;
        }

        while (match.Token.StripLeft && start > _splitStart && Is(start - 1, CharacterFlags.WhiteSpace))
        {
            start--;
        }

        while (match.Token.StripRight && Is(end, CharacterFlags.WhiteSpace))
        {
            end++;
        }

        (_pending, _pendingStart, _pendingEnd) = (match, start, end);
        return false;
    }

    private readonly bool Is(int index, CharacterFlags flag) =>
        (uint)index < (uint)_text.Length && (CharacterTable.Instance.FlagsOf(_text[index].CodePoint) & flag) != 0;
}
