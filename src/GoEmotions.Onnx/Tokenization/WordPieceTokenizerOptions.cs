namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// How a <see cref="WordPieceTokenizer"/> works. A member that is <see langword="null"/> takes what the model directory
/// says, or else the default that it names.
/// </summary>
public sealed record WordPieceTokenizerOptions
{
    /// <summary>Whether letters become lower case (<c>do_lower_case</c>); by default yes.</summary>
    public bool? LowerCase { get; init; }

    /// <summary>Whether accents are stripped (<c>strip_accents</c>); by default as <see cref="LowerCase"/>.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether CJK ideographs become words of their own (<c>tokenize_chinese_chars</c>); by default yes.</summary>
    public bool? TokenizeChineseCharacters { get; init; }

    /// <summary>Whether controls are removed and whitespace becomes a space (<c>clean_text</c>); by default yes.</summary>
    public bool? CleanText { get; init; }

    /// <summary>The longest word, in code points after normalisation, that is split into pieces; a longer one is unknown. By default 100.</summary>
    public int? MaxInputCharactersPerWord { get; init; }

    /// <summary>What marks a piece that continues a word; by default <c>##</c>.</summary>
    public string? ContinuingSubwordPrefix { get; init; }

    /// <summary>The unknown token; by default <c>[UNK]</c>.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>The token before every text; by default <c>[CLS]</c>.</summary>
    public string? ClassToken { get; init; }

    /// <summary>The token after every text; by default <c>[SEP]</c>.</summary>
    public string? SeparatorToken { get; init; }

    /// <summary>The token that fills up shorter texts of a batch; by default <c>[PAD]</c>.</summary>
    public string? PadToken { get; init; }

    /// <summary>The token that hides a word in pre-training; by default <c>[MASK]</c>. A vocabulary may lack it.</summary>
    public string? MaskToken { get; init; }

    /// <summary>The model's longest sequence in tokens (<c>model_max_length</c>); by default <see cref="int.MaxValue"/>, no limit known.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// Tokens beside those of the model directory. One with the content of an existing added token replaces it.
    /// </summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>
    /// Whether special tokens that stand literally in a text ("[SEP]") are ordinary text; by default no: they become the
    /// special ids, as in Hugging Face's tokenizers. Set it for texts of people you do not trust.
    /// </summary>
    public bool SpecialTokensAsText { get; init; }
}
