namespace GoEmotions.Onnx.Tokenization;

/// <summary>What a UTF-16 code unit does to the word being read.</summary>
internal enum CharacterAction : byte
{
    /// <summary>Adds one character to the word.</summary>
    Word,

    /// <summary>Has no effect.</summary>
    Drop,

    /// <summary>Ends the word.</summary>
    Space,

    /// <summary>Ends the word and is a word of its own.</summary>
    Punctuation,

    /// <summary>Stands for several characters, or none of the above: ask <see cref="BertNormalizer.Expand"/>.</summary>
    Expand,

    /// <summary>Half of a code point beyond U+FFFF: ask <see cref="BertNormalizer.Expand"/> about the whole.</summary>
    Surrogate,

    /// <summary>Depends on its neighbours (canonical ordering): the text needs <see cref="NormalizedText"/>.</summary>
    Reorder,
}
