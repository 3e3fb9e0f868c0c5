using System.Text;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// The properties, decompositions and lower-case forms of all code points, as the reference tokenizer has them.
/// Immutable and thread-safe.
/// </summary>
/// <remarks>
/// The data is the embedded characters.bin, derived by tests/node/characters.mjs from the reference itself: nothing here
/// depends on ICU or on the Unicode version of the runtime. docs/tokenization.md describes the format.
/// </remarks>
internal sealed class CharacterTable
{
    public const int CodePointEnd = 0x110000;
    public const int ReplacementCharacter = 0xFFFD;

    /// <summary>The longest form that one code point can take: four code points by decomposition, two by lower-casing.</summary>
    public const int MaxExpansion = 8;

    private const string ResourceName = "GoEmotions.Onnx.Tokenization.characters.bin";
    private const int HangulStart = 0xAC00;
    private const int HangulEnd = 0xD7A4;

    // Planes 0 and 1 hold nearly all text, emoji included; the other planes have few runs and are searched.
    private const int DirectEnd = 0x20000;

    private readonly byte[] _flags;
    private readonly CharacterRuns _flagRuns;
    private readonly CharacterRuns _combiningRanks;
    private readonly CharacterMappings _decompositions;
    private readonly CharacterMappings _lowerCase;

    private CharacterTable(ReadOnlySpan<byte> data)
    {
        var reader = new CharacterTableReader(data);
        reader.ReadSignature("BERTCHR1"u8);
        _flagRuns = CharacterRuns.Read(ref reader);
        _combiningRanks = CharacterRuns.Read(ref reader);
        _decompositions = CharacterMappings.Read(ref reader);
        _lowerCase = CharacterMappings.Read(ref reader);
        reader.ReadEnd();

        _flags = new byte[DirectEnd];
        _flagRuns.Fill(_flags);
    }

    public static CharacterTable Instance { get; } = Load();

    /// <summary>The places of the canonical combining classes in their order, 0 for starters.</summary>
    public CharacterRuns CombiningRanks => _combiningRanks;

    /// <summary>The code points with a decomposition other than the Hangul syllables, and their decompositions.</summary>
    public CharacterMappings Decompositions => _decompositions;

    /// <summary>The code points that lower-casing changes, and their lower-case forms.</summary>
    public CharacterMappings LowerCase => _lowerCase;

    public CharacterFlags FlagsOf(int codePoint) =>
        (CharacterFlags)((uint)codePoint < (uint)_flags.Length ? _flags[codePoint] : _flagRuns.ValueOf(codePoint));

    /// <summary>The place of the code point's canonical combining class in their order, 0 for a starter.</summary>
    public int CombiningRankOf(int codePoint) => codePoint < 0x300 ? 0 : _combiningRanks.ValueOf(codePoint);

    /// <summary>Writes the canonical decomposition (NFD, of the one code point) and returns its length.</summary>
    public int Decompose(int codePoint, Span<int> destination)
    {
        if (codePoint is >= HangulStart and < HangulEnd)
        {
            // The Unicode Standard, section 3.12: L, V and T jamo by arithmetic.
            int syllable = codePoint - HangulStart;
            destination[0] = 0x1100 + (syllable / 588);
            destination[1] = 0x1161 + (syllable % 588 / 28);
            if (syllable % 28 == 0)
            {
                return 2;
            }

            destination[2] = 0x11A7 + (syllable % 28);
            return 3;
        }

        return _decompositions.Map(codePoint, destination);
    }

    /// <summary>Writes the lower-case form and returns its length.</summary>
    public int ToLower(int codePoint, Span<int> destination)
    {
        if (codePoint < 0x80)
        {
            destination[0] = codePoint is >= 'A' and <= 'Z' ? codePoint | 0x20 : codePoint;
            return 1;
        }

        return _lowerCase.Map(codePoint, destination);
    }

    /// <summary>
    /// Reads the code point at <paramref name="index"/> and moves past it. A surrogate without its other half reads as
    /// U+FFFD, as it does for every UTF-8 program that is handed the text.
    /// </summary>
    public static int ReadCodePoint(ReadOnlySpan<char> text, ref int index)
    {
        char first = text[index++];
        if (!char.IsSurrogate(first))
        {
            return first;
        }

        if (char.IsHighSurrogate(first) && index < text.Length && char.IsLowSurrogate(text[index]))
        {
            return char.ConvertToUtf32(first, text[index++]);
        }

        return ReplacementCharacter;
    }

    /// <summary>Appends a code point as UTF-16 and returns the number of characters written.</summary>
    public static int WriteCodePoint(int codePoint, Span<char> destination) => new Rune(codePoint).EncodeToUtf16(destination);

    private static CharacterTable Load()
    {
        using Stream stream = typeof(CharacterTable).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"the assembly lacks its resource '{ResourceName}': it was built without it");
        byte[] data = new byte[stream.Length];
        stream.ReadExactly(data);
        return new CharacterTable(data);
    }
}
