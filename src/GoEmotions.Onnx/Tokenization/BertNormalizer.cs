using System.Runtime.CompilerServices;
using System.Text;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// The normalisation of BERT: clean-up, spaces around CJK ideographs, accents stripped, lower case, in that order; equal
/// to <c>BertNormalizer</c> of Hugging Face's tokenizers, for every text. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// The character data is the library's own: neither ICU nor the Unicode version of the runtime has any influence.
/// A surrogate without its other half counts as U+FFFD, which the clean-up removes.
/// </remarks>
public sealed class BertNormalizer
{
    private readonly CharacterTable _table = CharacterTable.Instance;

    /// <summary>Makes a normaliser.</summary>
    /// <param name="options">The steps; <see langword="null"/>: those of an uncased BERT.</param>
    public BertNormalizer(BertNormalizerOptions? options = null)
    {
        Options = options ?? new BertNormalizerOptions();
        StripsAccents = Options.StripAccents ?? Options.LowerCase;
        Actions = new CharacterAction[0x10000];
        Mapped = new char[0x10000];
        FillActions();
    }

    /// <summary>The steps.</summary>
    public BertNormalizerOptions Options { get; }

    /// <summary>Whether accents are stripped, by <see cref="BertNormalizerOptions.StripAccents"/> or by default.</summary>
    internal bool StripsAccents { get; }

    /// <summary>What each UTF-16 code unit does, 65,536 entries.</summary>
    internal CharacterAction[] Actions { get; }

    /// <summary>The character that a unit stands for, where its action is <see cref="CharacterAction.Word"/> or <see cref="CharacterAction.Punctuation"/>.</summary>
    internal char[] Mapped { get; }

    /// <summary>Normalises a text.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The normalised text, which may hold runs of spaces.</returns>
    public string Normalize(ReadOnlySpan<char> text)
    {
        var normalized = new NormalizedText(this, text, 0, text.Length);
        try
        {
            var result = new StringBuilder(text.Length + 16);
            Span<char> units = stackalloc char[2];
            foreach (AlignedCharacter character in normalized.Characters)
            {
                result.Append(units[..CharacterTable.WriteCodePoint(character.CodePoint, units)]);
            }

            return result.ToString();
        }
        finally
        {
            normalized.Dispose();
        }
    }

    /// <summary>Splits a normalised text into words as BERT does: at whitespace, and each punctuation character alone.</summary>
    /// <param name="normalized">What <see cref="Normalize"/> returned.</param>
    /// <returns>An enumeration of the words' ranges, for <c>foreach</c>.</returns>
    public static WordEnumerator SplitWords(ReadOnlySpan<char> normalized) => new(normalized);

    /// <summary>
    /// Writes what one code point becomes on its own, after all steps, and returns the length; -1 where its place
    /// depends on its neighbours. <paramref name="isolated"/>: it is a word of its own (a CJK ideograph).
    /// </summary>
    internal int Expand(int codePoint, Span<int> destination, out bool isolated)
    {
        isolated = false;
        CharacterFlags flags = _table.FlagsOf(codePoint);
        if (Options.CleanText)
        {
            if ((flags & CharacterFlags.Dropped) != 0)
            {
                return 0;
            }

            if ((flags & CharacterFlags.WhiteSpace) != 0)
            {
                destination[0] = ' ';
                return 1;
            }
        }

        isolated = Options.HandleChineseCharacters && (flags & CharacterFlags.Chinese) != 0;
        if (!StripsAccents)
        {
            return Lower(codePoint, destination);
        }

        Span<int> parts = stackalloc int[CharacterTable.MaxExpansion];
        int count = _table.Decompose(codePoint, parts);
        int length = 0;
        foreach (int part in parts[..count])
        {
            if ((_table.FlagsOf(part) & CharacterFlags.NonSpacingMark) != 0)
            {
                continue;
            }

            if (_table.CombiningRankOf(part) != 0)
            {
                return -1;
            }

            length += Lower(part, destination[length..]);
        }

        return length;
    }

    private int Lower(int codePoint, Span<int> destination)
    {
        if (Options.LowerCase)
        {
            return _table.ToLower(codePoint, destination);
        }

        destination[0] = codePoint;
        return 1;
    }

    // Compiled at once: it runs once, too short a time to leave unoptimised code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillActions()
    {
        // Most characters stand for themselves: their action follows from their flags, and only those that a mapping or
        // a Hangul syllable touches are expanded one by one.
        Span<byte> ranks = new byte[Actions.Length];
        _table.CombiningRanks.Fill(ranks);
        for (int unit = 0; unit < Actions.Length; unit++)
        {
            Mapped[unit] = (char)unit;
            Actions[unit] = Classify(_table.FlagsOf(unit), ranks[unit]);
        }

        Actions.AsSpan(0xD800, 0x800).Fill(CharacterAction.Surrogate);
        if (StripsAccents)
        {
            Actions.AsSpan(0xAC00, 0xD7A4 - 0xAC00).Fill(CharacterAction.Expand);
            FillMapped(_table.Decompositions.Keys);
        }

        if (Options.LowerCase)
        {
            FillMapped(_table.LowerCase.Keys);
        }
    }

    private CharacterAction Classify(CharacterFlags flags, byte combiningRank)
    {
        if (Options.CleanText && (flags & CharacterFlags.Dropped) != 0)
        {
            return CharacterAction.Drop;
        }

        if ((flags & CharacterFlags.WhiteSpace) != 0)
        {
            return CharacterAction.Space;
        }

        if (StripsAccents)
        {
            if ((flags & CharacterFlags.NonSpacingMark) != 0)
            {
                return CharacterAction.Drop;
            }

            if (combiningRank != 0)
            {
                return CharacterAction.Reorder;
            }
        }

        bool isolated = Options.HandleChineseCharacters && (flags & CharacterFlags.Chinese) != 0;
        return isolated || (flags & CharacterFlags.Punctuation) != 0 ? CharacterAction.Punctuation : CharacterAction.Word;
    }

    private void FillMapped(ReadOnlySpan<int> codePoints)
    {
        Span<int> expansion = stackalloc int[CharacterTable.MaxExpansion];
        foreach (int codePoint in codePoints)
        {
            if (codePoint >= Actions.Length)
            {
                return;
            }

            if (Actions[codePoint] is CharacterAction.Drop)
            {
                continue;
            }

            int length = Expand(codePoint, expansion, out bool isolated);
            if (length == 1 && expansion[0] < 0x10000)
            {
                CharacterFlags flags = _table.FlagsOf(expansion[0]);
                Mapped[codePoint] = (char)expansion[0];
                Actions[codePoint] =
                    (flags & CharacterFlags.WhiteSpace) != 0 ? CharacterAction.Space
                    : isolated || (flags & CharacterFlags.Punctuation) != 0 ? CharacterAction.Punctuation
                    : CharacterAction.Word;
            }
            else
            {
                Actions[codePoint] = length < 0 ? CharacterAction.Reorder : length == 0 ? CharacterAction.Drop : CharacterAction.Expand;
            }
        }
    }
}
