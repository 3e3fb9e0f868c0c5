using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// Splits text into pieces. Three scans, each able to do all that the one before it does, and equal where both apply:
/// of 16 ASCII characters at a time, of characters by their <see cref="CharacterAction"/>, and over a
/// <see cref="NormalizedText"/>. Immutable and thread-safe.
/// </summary>
internal sealed class WordPieceEncoder
{
    // Room for the longest word of the character scan: MaxScannedWord code points.
    private const int WordBufferLength = 256;
    private const int MaxScannedWord = WordBufferLength / 2;
    private const int Window = 16;

    private readonly BertNormalizer _normalizer;
    private readonly PieceTrie _trie;
    private readonly ShortWordTable _shortWords;
    private readonly CharacterAction[] _actions;
    private readonly char[] _mapped;
    private readonly AsciiClass[] _asciiClasses = new AsciiClass[128];
    private readonly int[] _asciiIds = new int[128];
    private readonly int _unknownId;
    private readonly int _maxWordLength;
    private readonly byte _lowerCaseBit;
    private readonly bool _specialTokensAsText;
    private readonly AddedTokenMatcher _addedTokens;
    private readonly AddedTokenMatcher _normalizedAddedTokens;
    private readonly bool _scansCharacters;
    private readonly bool _scansWindows;

    public WordPieceEncoder(Vocabulary vocabulary, BertNormalizer normalizer, WordPieceTokenizerOptions options, List<AddedTokenEntry> addedTokens, int unknownId)
    {
        _normalizer = normalizer;
        _actions = normalizer.Actions;
        _mapped = normalizer.Mapped;
        _unknownId = unknownId;
        _maxWordLength = options.MaxInputCharactersPerWord!.Value;
        _lowerCaseBit = options.LowerCase!.Value ? (byte)0x20 : (byte)0;
        _specialTokensAsText = options.SpecialTokensAsText;
        _trie = new PieceTrie(vocabulary.Pieces, options.ContinuingSubwordPrefix!);
        _shortWords = new ShortWordTable(vocabulary.Pieces);
        _addedTokens = new AddedTokenMatcher(CollectionsMarshal.AsSpan(addedTokens), normalized: false);
        _normalizedAddedTokens = new AddedTokenMatcher(CollectionsMarshal.AsSpan(addedTokens), normalized: true);
        _scansCharacters = _maxWordLength <= MaxScannedWord && addedTokens.TrueForAll(IsScanned);
        _scansWindows = _scansCharacters && Vector128.IsHardwareAccelerated && _maxWordLength >= ShortWordTable.MaxLength;
        FillAscii();
    }

    /// <summary>Splits a text by the fastest scan that can.</summary>
    public void Encode<T>(ReadOnlySpan<char> text, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (_scansCharacters)
        {
            int count = writer.Count;
            if (_scansWindows ? ScanWindows(text, ref writer) : ScanCharacters(text, ref writer))
            {
                return;
            }

            writer.Rewind(count);
        }

        EncodeNormalized(text, ref writer);
    }

    /// <summary>Splits a text by characters; false where its order of marks needs <see cref="EncodeNormalized"/>.</summary>
    public bool ScanCharacters<T>(ReadOnlySpan<char> text, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        Span<char> word = stackalloc char[WordBufferLength];
        int index = 0;
        while (index < text.Length && !writer.Truncated)
        {
            if (!ScanWord(text, ref index, word, ref writer))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Splits a text whatever is in it, with offsets.</summary>
    public void EncodeNormalized<TWriter>(ReadOnlySpan<char> text, ref TWriter writer)
        where TWriter : IPieceWriter, allows ref struct
    {
        if (_addedTokens.IsEmpty)
        {
            EncodeSegment(text, 0, text.Length, ref writer);
            return;
        }

        var raw = NormalizedText.CreateRaw(text);
        try
        {
            var splits = new AddedTokenSplitter(_addedTokens, raw.Characters, _specialTokensAsText);
            while (splits.MoveNext() && !writer.Truncated)
            {
                int start = raw.Characters[splits.Start].Start;
                int end = raw.Characters[splits.End - 1].End;
                if (splits.Token is null)
                {
                    EncodeSegment(text, start, end, ref writer);
                }
                else
                {
                    writer.Write(splits.Token.Id, start, end);
                }
            }
        }
        finally
        {
            raw.Dispose();
        }
    }

    // Words of ASCII letters and digits are found, lower-cased and looked up 16 characters at a time; everything else
    // is left to ScanWord.
    // Without clearing the two buffers: 297 ns against 322 ns a text (dev texts, shortest of 41 runs, one core of an AMD EPYC Zen 5).
    [SkipLocalsInit]
    private bool ScanWindows<T>(ReadOnlySpan<char> text, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        Span<char> word = stackalloc char[WordBufferLength];
        int index = 0;
        if (!ScanWindows(text, text.Length - Window + 1, ref index, word, ref writer))
        {
            return false;
        }

        if (index >= text.Length || writer.Truncated)
        {
            return true;
        }

        // The last characters, followed by spaces, so that every window is whole.
        Span<char> tail = stackalloc char[2 * Window];
        tail.Fill(' ');
        int length = text.Length - index;
        text[index..].CopyTo(tail);
        index = 0;
        return ScanWindows(tail, length, ref index, word, ref writer);
    }

    private bool ScanWindows<T>(scoped ReadOnlySpan<char> text, int end, ref int index, scoped Span<char> word, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<ushort> units = MemoryMarshal.Cast<char, ushort>(text);
        ReadOnlySpan<AsciiClass> classes = _asciiClasses;
        while (index < end)
        {
            char first = text[index];
            AsciiClass kind = first < classes.Length ? classes[first] : AsciiClass.Other;
            if (kind == AsciiClass.Space)
            {
                index++;
                continue;
            }

            if (writer.IsFull)
            {
                // Only text that is dropped altogether may still follow: the character scan decides.
                return ScanRest(text, end, ref index, word, ref writer);
            }

            if (kind == AsciiClass.Punctuation)
            {
                writer.Write(_asciiIds[first]);
                index++;
                continue;
            }

            if (kind == AsciiClass.Word)
            {
                Vector128<byte> bytes = Vector128.NarrowWithSaturation(Vector128.Create(units.Slice(index, 8)), Vector128.Create(units.Slice(index + 8, 8)));
                Vector128<byte> letters = Vector128.LessThanOrEqual((bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)25));
                Vector128<byte> digits = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)9));
                int length = BitOperations.TrailingZeroCount(~(letters | digits).ExtractMostSignificantBits());
                char next = length < Window ? text[index + length] : '\uFFFF';
                if (next < classes.Length && classes[next] >= AsciiClass.Space)
                {
                    Vector128<byte> lower = bytes | (letters & Vector128.Create(_lowerCaseBit));
                    int id = _shortWords.Find((lower & PrefixMask(length)).AsUInt64());
                    if (id >= 0)
                    {
                        writer.Write(id);
                    }
                    else
                    {
                        Vector128.WidenLower(lower).CopyTo(MemoryMarshal.Cast<char, ushort>(word));
                        Vector128.WidenUpper(lower).CopyTo(MemoryMarshal.Cast<char, ushort>(word)[8..]);
                        WriteWord(word[..length], ref writer);
                    }

                    // Most words are followed by a space: past it at once.
                    index += length;
                    continue;
                }
            }

            if (!ScanWord(text, ref index, word, ref writer))
            {
                return false;
            }

            if (writer.Truncated)
            {
                return true;
            }
        }

        return true;
    }

    private bool ScanRest<T>(scoped ReadOnlySpan<char> text, int end, ref int index, scoped Span<char> word, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        while (index < end && !writer.Truncated)
        {
            if (!ScanWord(text, ref index, word, ref writer))
            {
                return false;
            }
        }

        return true;
    }

    // Reads from index to the end of a word, or past one punctuation character or added token, and writes its pieces.
    private bool ScanWord<T>(scoped ReadOnlySpan<char> text, ref int index, scoped Span<char> word, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        int length = 0;
        int codePoints = 0;
        while (index < text.Length)
        {
            char unit = text[index];
            switch (_actions[unit])
            {
                case CharacterAction.Word:
                    if (codePoints++ < _maxWordLength)
                    {
                        word[length++] = _mapped[unit];
                    }

                    index++;
                    continue;

                case CharacterAction.Drop:
                    index++;
                    continue;

                case CharacterAction.Space:
                    index++;
                    break;

                case CharacterAction.Punctuation:
                    if (codePoints > 0)
                    {
                        break;
                    }

                    if (unit < 128 && _asciiClasses[unit] == AsciiClass.AddedTokenStart && TryWriteAddedToken(text, ref index, ref writer))
                    {
                        return true;
                    }

                    index++;
                    word[0] = _mapped[unit];
                    WriteWord(word[..1], 1, ref writer);
                    return true;

                case CharacterAction.Reorder:
                    return false;

                default:
                    int codePoint = CharacterTable.ReadCodePoint(text, ref index);
                    if (!AddExpansion(codePoint, word, ref length, ref codePoints, ref writer))
                    {
                        return false;
                    }

                    continue;
            }

            break;
        }

        WriteWord(word[..length], codePoints, ref writer);
        return true;
    }

    private bool AddExpansion<T>(int codePoint, scoped Span<char> word, ref int length, ref int codePoints, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        Span<int> parts = stackalloc int[CharacterTable.MaxExpansion];
        int count = _normalizer.Expand(codePoint, parts, out bool isolated);
        if (count < 0)
        {
            return false;
        }

        foreach (int part in parts[..count])
        {
            CharacterFlags flags = CharacterTable.Instance.FlagsOf(part);
            bool space = (flags & CharacterFlags.WhiteSpace) != 0;
            bool alone = isolated || (flags & CharacterFlags.Punctuation) != 0;
            if (space || alone)
            {
                WriteWord(word[..length], codePoints, ref writer);
                length = codePoints = 0;
            }

            if (space)
            {
                continue;
            }

            if (codePoints++ < _maxWordLength)
            {
                length += CharacterTable.WriteCodePoint(part, word[length..]);
            }

            if (alone)
            {
                WriteWord(word[..length], codePoints, ref writer);
                length = codePoints = 0;
            }
        }

        return true;
    }

    private bool TryWriteAddedToken<T>(scoped ReadOnlySpan<char> text, ref int index, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        AddedTokenEntry? token = _addedTokens.FindAt(text[index..]);
        if (token is null)
        {
            return false;
        }

        writer.Write(token.Id);
        index += token.Token.Content.Length;
        return true;
    }

    private void WriteWord<T>(scoped ReadOnlySpan<char> word, int codePoints, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (codePoints > _maxWordLength)
        {
            writer.Write(_unknownId);
        }
        else if (writer.IsFull)
        {
            writer.Truncated |= codePoints > 0;
        }
        else
        {
            WriteWord(word, ref writer);
        }
    }

    // The writer has room for one piece at least. A word is spelled to its end even where its pieces do not fit: a rest
    // that cannot be spelled makes the whole word one unknown token.
    private void WriteWord<T>(scoped ReadOnlySpan<char> word, ref IdWriter<T> writer)
        where T : unmanaged, IBinaryInteger<T>
    {
        int count = writer.Count;
        int length;
        for (int start = 0; start < word.Length; start += length)
        {
            int id = _trie.FindLongest(word[start..], start > 0, out length);
            if (id < 0)
            {
                writer.Rewind(count);
                writer.Write(_unknownId);
                return;
            }

            writer.Write(id);
        }
    }

    private void EncodeSegment<TWriter>(ReadOnlySpan<char> text, int start, int end, ref TWriter writer)
        where TWriter : IPieceWriter, allows ref struct
    {
        var normalized = new NormalizedText(_normalizer, text, start, end);
        try
        {
            if (_normalizedAddedTokens.IsEmpty)
            {
                EncodeWords(normalized.Characters, ref writer);
                return;
            }

            var splits = new AddedTokenSplitter(_normalizedAddedTokens, normalized.Characters, _specialTokensAsText);
            while (splits.MoveNext() && !writer.Truncated)
            {
                ReadOnlySpan<AlignedCharacter> split = normalized.Characters[splits.Start..splits.End];
                if (splits.Token is null)
                {
                    EncodeWords(split, ref writer);
                }
                else
                {
                    writer.Write(splits.Token.Id, split[0].Start, split[^1].End);
                }
            }
        }
        finally
        {
            normalized.Dispose();
        }
    }

    private void EncodeWords<TWriter>(ReadOnlySpan<AlignedCharacter> text, ref TWriter writer)
        where TWriter : IPieceWriter, allows ref struct
    {
        CharacterTable table = CharacterTable.Instance;
        char[] buffer = ArrayPool<char>.Shared.Rent((int.Min(_maxWordLength, text.Length) * 2) + 2);
        int start = 0;
        for (int index = 0; index <= text.Length && !writer.Truncated; index++)
        {
            CharacterFlags flags = index < text.Length ? table.FlagsOf(text[index].CodePoint) : CharacterFlags.WhiteSpace;
            if ((flags & (CharacterFlags.WhiteSpace | CharacterFlags.Punctuation)) == 0)
            {
                continue;
            }

            if (start < index)
            {
                WriteWord(text[start..index], buffer, ref writer);
            }

            if ((flags & CharacterFlags.Punctuation) != 0 && !writer.Truncated)
            {
                WriteWord(text.Slice(index, 1), buffer, ref writer);
            }

            start = index + 1;
        }

        ArrayPool<char>.Shared.Return(buffer);
    }

    private void WriteWord<TWriter>(ReadOnlySpan<AlignedCharacter> word, char[] buffer, ref TWriter writer)
        where TWriter : IPieceWriter, allows ref struct
    {
        if (writer.IsFull)
        {
            writer.Truncated = true;
            return;
        }

        int count = writer.Count;
        bool unknown = word.Length > _maxWordLength;
        int units = 0;
        if (!unknown)
        {
            foreach (AlignedCharacter character in word)
            {
                units += CharacterTable.WriteCodePoint(character.CodePoint, buffer.AsSpan(units));
            }
        }

        int first = 0;
        for (int start = 0; start < units && !unknown;)
        {
            int id = _trie.FindLongest(buffer.AsSpan(start..units), start > 0, out int length);
            if (id < 0)
            {
                unknown = true;
                break;
            }

            int last = first;
            for (int unit = start; unit < start + length; unit += word[last++].CodePoint > 0xFFFF ? 2 : 1)
            {
            }

            writer.Write(id, word[first].Start, word[last - 1].End);
            first = last;
            start += length;
        }

        if (unknown)
        {
            writer.Rewind(count);
            writer.Write(_unknownId, word[0].Start, word[^1].End);
        }
    }

    // A token that begins with an ASCII punctuation character is found where a word ends anyway. One that is passed over
    // as text still hides those that begin inside it, so that no other may be there.
    private bool IsScanned(AddedTokenEntry entry) =>
        _specialTokensAsText
            ? entry.Token.Special
            : entry.Token is { IsNormalized: false, SingleWord: false, StripLeft: false, StripRight: false }
                && !entry.Token.Content.AsSpan().ContainsAnyExceptInRange('!', '~')
                && _actions[entry.Token.Content[0]] == CharacterAction.Punctuation;

    private void FillAscii()
    {
        for (int unit = 0; unit < _asciiClasses.Length; unit++)
        {
            _asciiClasses[unit] = _actions[unit] switch
            {
                CharacterAction.Word when char.IsAsciiLetterOrDigit((char)unit) => AsciiClass.Word,
                CharacterAction.Space => AsciiClass.Space,
                CharacterAction.Punctuation => AsciiClass.Punctuation,
                _ => AsciiClass.Other,
            };
            int id = _trie.FindLongest([_mapped[unit]], continues: false, out _);
            _asciiIds[unit] = id < 0 ? _unknownId : id;
        }

        foreach (int first in _scansCharacters && !_specialTokensAsText ? _addedTokens.FirstCodePoints : [])
        {
            _asciiClasses[first] = AsciiClass.AddedTokenStart;
        }
    }

    // Ones for the first bytes, zeros for the rest.
    private static Vector128<byte> PrefixMask(int length) =>
        Vector128.LessThan(
            Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
            Vector128.Create((byte)length));
}
