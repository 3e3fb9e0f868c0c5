using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Tests.Tokenization;

/// <summary>A vocabulary that tests can read: special tokens, letters, digits, punctuation, a few words.</summary>
internal static class SmallVocabulary
{
    public static string[] Pieces { get; } =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
        .. "abcdefghijklmnopqrstuvwxyz0123456789.,!?'|>[]()".Select(character => character.ToString()),
        .. "abcdefghijklmnopqrstuvwxyz0123456789".Select(character => "##" + character),
        "the", "cat", "cats", "sat", "##s", "##ing", "un", "##want", "##ed", "cafe", "happiness", "\u4e2d", "\u6587", "\ud83d\ude00", "\u1112\u1161\u11ab", "\u00e9", "internationalization",
    ];

    public static Vocabulary Vocabulary { get; } = Vocabulary.Create(Pieces.Distinct());

    public static WordPieceTokenizer Tokenizer { get; } = WordPieceTokenizer.Create(Vocabulary);

    /// <summary>The pieces of a text, joined by spaces, [CLS] and [SEP] left out.</summary>
    public static string Split(string text, WordPieceTokenizerOptions? options = null)
    {
        WordPieceTokenizer tokenizer = options is null ? Tokenizer : WordPieceTokenizer.Create(Vocabulary, options);
        int[] ids = new int[(text.Length * 4) + 8];
        int count = tokenizer.Encode(text, ids, out bool truncated);
        Assert.False(truncated);
        Assert.Equal(tokenizer.ClassTokenId, ids[0]);
        Assert.Equal(tokenizer.SeparatorTokenId, ids[count - 1]);
        return string.Join(' ', ids[1..(count - 1)].Select(tokenizer.GetPiece));
    }
}
