using System.Buffers;
using System.Diagnostics;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// A normalised text whose characters know where they came from. It owns two buffers of the array pool:
/// <see cref="Dispose"/> returns them, and <see cref="Characters"/> is not to be used afterwards.
/// </summary>
/// <remarks>
/// The general form of the steps that <see cref="BertNormalizer.Actions"/> has in one look-up for most texts: it knows
/// canonical ordering and offsets. The offsets are those of the reference: what a step inserts belongs to the character
/// before it, and reordered marks keep the places, not the marks.
/// </remarks>
internal ref struct NormalizedText
{
    // Beyond every code point: marks the second and further parts of a decomposition.
    private const int InsertedFlag = 1 << 24;

    private AlignedCharacter[] _characters;
    private int _count;

    public NormalizedText(BertNormalizer normalizer, ReadOnlySpan<char> text, int start, int end)
    {
        _characters = ArrayPool<AlignedCharacter>.Shared.Rent(int.Max((end - start) * 2, 64));
        Read(normalizer.Options, text, start, end);
        if (normalizer.StripsAccents)
        {
            StripAccents(start);
        }

        if (normalizer.Options.LowerCase)
        {
            ToLower();
        }
    }

    private NormalizedText(ReadOnlySpan<char> text)
    {
        _characters = ArrayPool<AlignedCharacter>.Shared.Rent(int.Max(text.Length, 64));
        for (int index = 0; index < text.Length;)
        {
            int from = index;
            Add(new AlignedCharacter(CharacterTable.ReadCodePoint(text, ref index), from, index));
        }
    }

    public readonly ReadOnlySpan<AlignedCharacter> Characters => _characters.AsSpan(0, _count);

    /// <summary>The code points of a text as they are.</summary>
    public static NormalizedText CreateRaw(ReadOnlySpan<char> text) => new(text);

    public void Dispose()
    {
        ArrayPool<AlignedCharacter>.Shared.Return(_characters);
        _characters = [];
        _count = 0;
    }

    private void Read(BertNormalizerOptions options, ReadOnlySpan<char> text, int start, int end)
    {
        CharacterTable table = CharacterTable.Instance;
        ReadOnlySpan<char> segment = text[..end];
        for (int index = start; index < end;)
        {
            int from = index;
            int codePoint = CharacterTable.ReadCodePoint(segment, ref index);
            CharacterFlags flags = table.FlagsOf(codePoint);
            if (options.CleanText)
            {
                if ((flags & CharacterFlags.Dropped) != 0)
                {
                    continue;
                }

                if ((flags & CharacterFlags.WhiteSpace) != 0)
                {
                    codePoint = ' ';
                }
            }

            if (options.HandleChineseCharacters && (flags & CharacterFlags.Chinese) != 0)
            {
                Add(new AlignedCharacter(' ', from, index));
                Add(new AlignedCharacter(codePoint, from, index));
                Add(new AlignedCharacter(' ', from, index));
            }
            else
            {
                Add(new AlignedCharacter(codePoint, from, index));
            }
        }
    }

    // NFD, then every non-spacing mark removed.
    private void StripAccents(int textStart)
    {
        CharacterTable table = CharacterTable.Instance;
        AlignedCharacter[] source = _characters;
        int sourceCount = _count;
        int capacity = int.Max(sourceCount * 4, 64);
        long[] order = ArrayPool<long>.Shared.Rent(capacity);
        int[] decomposed = ArrayPool<int>.Shared.Rent(capacity);
        int count = 0;
        int markStart = 0;
        Span<int> parts = stackalloc int[CharacterTable.MaxExpansion];
        for (int index = 0; index < sourceCount; index++)
        {
            int length = table.Decompose(source[index].CodePoint, parts);
            for (int part = 0; part < length; part++)
            {
                int rank = table.CombiningRankOf(parts[part]);
                if (rank == 0)
                {
                    order.AsSpan(markStart..count).Sort();
                    markStart = count + 1;
                }

                // Canonical ordering: marks between two starters sort by class; the place as the low half keeps it stable.
                order[count] = ((long)rank << 32) | (uint)count;
                decomposed[count++] = part > 0 ? parts[part] | InsertedFlag : parts[part];
            }
        }

        order.AsSpan(int.Min(markStart, count)..count).Sort();
        _characters = ArrayPool<AlignedCharacter>.Shared.Rent(capacity);
        _count = 0;
        int next = 0;
        for (int index = 0; index < count; index++)
        {
            int codePoint = decomposed[(int)order[index]];
            bool inserted = (codePoint & InsertedFlag) != 0;
            codePoint &= ~InsertedFlag;
            AlignedCharacter origin = !inserted ? source[next++] : next > 0 ? source[next - 1] : new AlignedCharacter(0, textStart, textStart);
            if ((table.FlagsOf(codePoint) & CharacterFlags.NonSpacingMark) == 0)
            {
                _characters[_count++] = origin with { CodePoint = codePoint };
            }
        }

        Debug.Assert(next == sourceCount);
        ArrayPool<AlignedCharacter>.Shared.Return(source);
        ArrayPool<int>.Shared.Return(decomposed);
        ArrayPool<long>.Shared.Return(order);
    }

    private void ToLower()
    {
        CharacterTable table = CharacterTable.Instance;
        Span<int> lower = stackalloc int[CharacterTable.MaxExpansion];
        int length = 0;
        foreach (AlignedCharacter character in Characters)
        {
            length += table.ToLower(character.CodePoint, lower);
        }

        int count = _count;
        while (_count < length)
        {
            Add(default);
        }

        // From the end, so that longer forms move what follows them only once.
        for (int index = count - 1, end = length; index >= 0; index--)
        {
            AlignedCharacter character = _characters[index];
            int parts = table.ToLower(character.CodePoint, lower);
            end -= parts;
            for (int part = 0; part < parts; part++)
            {
                _characters[end + part] = character with { CodePoint = lower[part] };
            }
        }
    }

    private void Add(AlignedCharacter character)
    {
        if (_count == _characters.Length)
        {
            AlignedCharacter[] larger = ArrayPool<AlignedCharacter>.Shared.Rent(_count * 2);
            _characters.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<AlignedCharacter>.Shared.Return(_characters);
            _characters = larger;
        }

        _characters[_count++] = character;
    }
}
