using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Training.Vocabularies;

/// <summary>What vocabulary a <see cref="WordPieceTrainer"/> makes.</summary>
public sealed record WordPieceTrainerOptions
{
    /// <summary>The number of pieces wanted, special tokens included. Fewer are made where the texts have no more frequent pairs.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>How often a pair of pieces must occur to become a piece, at least 1.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>The most characters kept, the most frequent ones; a word with any other is unknown.</summary>
    public int AlphabetLimit { get; init; } = 1000;

    /// <summary>Tokens that follow the special ones, such as <c>[NAME]</c>; their occurrences in the texts are passed over.</summary>
    public IReadOnlyList<string> AddedTokens { get; init; } = [];

    /// <summary>The normalisation of the texts; the tokenizer that uses the vocabulary must have the same.</summary>
    public BertNormalizerOptions Normalizer { get; init; } = new();
}
