namespace GoEmotions.Onnx.Tokenization;

/// <summary>How the vectorised scan treats an ASCII character.</summary>
internal enum AsciiClass : byte
{
    /// <summary>Left to the general scan: controls that are dropped, the first characters of added tokens.</summary>
    Other,

    /// <summary>A letter or digit.</summary>
    Word,

    /// <summary>Ends a word.</summary>
    Space,

    /// <summary>Ends a word and is one.</summary>
    Punctuation,

    /// <summary>Ends a word, and an added token may begin here.</summary>
    AddedTokenStart,
}
