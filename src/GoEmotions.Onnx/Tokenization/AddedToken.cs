namespace GoEmotions.Onnx.Tokenization;

/// <summary>A token that is found in a text before it is split into words, such as <c>[MASK]</c> or <c>[NAME]</c>.</summary>
/// <param name="Content">The text that becomes one token.</param>
public sealed record AddedToken(string Content)
{
    /// <summary>The token's id, or <see langword="null"/>: its id in the vocabulary, or the next free one.</summary>
    public int? Id { get; init; }

    /// <summary>Whether it is a control token such as [SEP], left out when decoding with special tokens skipped.</summary>
    public bool Special { get; init; }

    /// <summary>
    /// Whether it is looked for in the normalised text, itself normalised (so <c>[NAME]</c> also matches <c>[name]</c> under
    /// lower-casing); <see langword="null"/>: yes, unless <see cref="Special"/>.
    /// </summary>
    public bool? Normalized { get; init; }

    /// <summary>Whether it only counts where no word character stands beside it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it takes the whitespace before it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether it takes the whitespace after it.</summary>
    public bool StripRight { get; init; }

    /// <summary><see cref="Normalized"/>, resolved.</summary>
    internal bool IsNormalized => Normalized ?? !Special;
}
