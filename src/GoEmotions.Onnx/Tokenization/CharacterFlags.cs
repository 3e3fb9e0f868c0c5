namespace GoEmotions.Onnx.Tokenization;

/// <summary>What the reference tokenizer's rules say of a code point. The values are those of characters.bin.</summary>
[Flags]
internal enum CharacterFlags : byte
{
    None = 0,

    /// <summary>Removed by the clean-up: NUL, U+FFFD, controls, format characters, private use.</summary>
    Dropped = 1,

    /// <summary>Separates words (Unicode White_Space); the clean-up makes it a space unless it drops it.</summary>
    WhiteSpace = 2,

    /// <summary>A CJK ideograph, a word of its own.</summary>
    Chinese = 4,

    /// <summary>A word of its own: ASCII symbols and Unicode punctuation.</summary>
    Punctuation = 8,

    /// <summary>General category Mn, removed when accents are stripped.</summary>
    NonSpacingMark = 16,

    /// <summary>Part of a word beside an added token that must stand alone.</summary>
    Word = 32,
}
