namespace GoEmotions.Onnx.Tokenization;

/// <summary>The steps of a <see cref="BertNormalizer"/>. The defaults are those of an uncased BERT.</summary>
public sealed record BertNormalizerOptions
{
    /// <summary>Whether controls, NUL and U+FFFD are removed and every kind of whitespace becomes a space (<c>clean_text</c>).</summary>
    public bool CleanText { get; init; } = true;

    /// <summary>Whether CJK ideographs become words of their own (<c>tokenize_chinese_chars</c>).</summary>
    public bool HandleChineseCharacters { get; init; } = true;

    /// <summary>
    /// Whether text is decomposed (NFD) and its non-spacing marks removed (<c>strip_accents</c>);
    /// <see langword="null"/>: as <see cref="LowerCase"/>.
    /// </summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether letters become lower case (<c>do_lower_case</c>).</summary>
    public bool LowerCase { get; init; } = true;
}
