using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Tests.Tokenization;

public sealed class WordPieceTokenizerTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData(" \t\r\n\u00a0\u2003", "")]
    [InlineData("The CAT sat.", "the cat sat .")]
    [InlineData("cats", "cats")]
    [InlineData("catss", "cats ##s")]
    [InlineData("unwanted", "un ##want ##ed")]
    [InlineData("a|b>c", "a | b > c")]
    [InlineData("caf\u00e9 cafe\u0301 CAF\u00c9", "cafe cafe cafe")]
    [InlineData("\u4e2d\u6587cat", "\u4e2d \u6587 cat")]
    [InlineData("cat\ud83d\ude00", "[UNK]")]
    [InlineData("cat \ud83d\ude00 \ud83d\ude02", "cat \ud83d\ude00 [UNK]")]
    [InlineData("\ud55c", "\u1112\u1161\u11ab")]
    [InlineData("c\u0000a\u200bt", "cat")]
    [InlineData("c\ufffdat", "cat")]
    [InlineData("\u2260", "[UNK]")]
    [InlineData("\u037e", "[UNK]")]
    [InlineData("Internationalization", "internationalization")]
    [InlineData("cat\u3000sat\u2028the", "cat sat the")]
    public void Encode_Text_GivesItsPieces(string text, string pieces) => Assert.Equal(pieces, SmallVocabulary.Split(text));

    [Theory]
    [InlineData("cat\ud800s")]
    [InlineData("cat\udc00s")]
    [InlineData("cats\ud83d")]
    [InlineData("\ude00cats")]
    public void Encode_LoneSurrogate_IsDroppedLikeTheReplacementCharacter(string text)
    {
        Assert.Equal("cats", SmallVocabulary.Split(text));
        Assert.Equal("cats", SmallVocabulary.Split(text.Replace('\ud800', '\ufffd').Replace('\udc00', '\ufffd')));
    }

    [Fact]
    public void Encode_LoneSurrogateWithoutCleanUp_IsUnknown() =>
        Assert.Equal("[UNK]", SmallVocabulary.Split("cat\ud800s", new WordPieceTokenizerOptions { CleanText = false }));

    [Theory]
    [InlineData(100, "cat")]
    [InlineData(3, "cat")]
    [InlineData(2, "[UNK]")]
    [InlineData(0, "[UNK]")]
    public void Encode_LongWord_IsUnknown(int maxCharacters, string pieces) =>
        Assert.Equal(pieces, SmallVocabulary.Split("cat", new WordPieceTokenizerOptions { MaxInputCharactersPerWord = maxCharacters }));

    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public void Encode_WordAtTheLimit_CountsCodePointsAfterNormalisation(int length, bool unknown)
    {
        string word = string.Concat(Enumerable.Repeat("e\u0301", length));
        Assert.Equal(unknown ? "[UNK]" : $"e {string.Join(' ', Enumerable.Repeat("##e", length - 1))}", SmallVocabulary.Split(word));
    }

    [Fact]
    public void Encode_CasedVocabulary_KeepsCaseAndAccents()
    {
        var options = new WordPieceTokenizerOptions { LowerCase = false };
        Assert.Equal("[UNK] cat \u00e9", SmallVocabulary.Split("Cat cat \u00e9", options));
        Assert.Equal("[UNK] cat e", SmallVocabulary.Split("Cat cat \u00e9", options with { StripAccents = true }));
        Assert.Equal("cat cat \u00e9", SmallVocabulary.Split("Cat cat \u00c9", new WordPieceTokenizerOptions { StripAccents = false }));
    }

    [Fact]
    public void Encode_IdeographsUnspaced_AreOneWord() =>
        Assert.Equal("[UNK]", SmallVocabulary.Split("\u4e2d\u6587", new WordPieceTokenizerOptions { TokenizeChineseCharacters = false }));

    [Fact]
    public void Encode_LiteralSpecialTokens_AreSpecialUnlessTold()
    {
        const string Text = "the[SEP]cat [MASK] [sep]";
        Assert.Equal("the [SEP] cat [MASK] [ s ##e ##p ]", SmallVocabulary.Split(Text));
        Assert.Equal("the [ s ##e ##p ] cat [ m ##a ##s ##k ] [ s ##e ##p ]", SmallVocabulary.Split(Text, new WordPieceTokenizerOptions { SpecialTokensAsText = true }));
    }

    [Fact]
    public void Encode_SpecialTokensAsText_LeavesOtherAddedTokens()
    {
        var options = new WordPieceTokenizerOptions { SpecialTokensAsText = true, AddedTokens = [new AddedToken("[NAME]") { Normalized = false }, new AddedToken("[GOD]") { Special = true }] };
        Assert.Equal("[NAME] [ s ##e ##p ] [ g ##o ##d ]", SmallVocabulary.Split("[NAME][SEP][GOD]", options));
    }

    [Theory]
    [InlineData(true, "[NAME] [ n ##a ##m ##e ]")]
    [InlineData(false, "[NAME] [NAME]")]
    public void Encode_AddedToken_IsOneIdBeyondTheVocabulary(bool special, string pieces)
    {
        var options = new WordPieceTokenizerOptions { AddedTokens = [new AddedToken("[NAME]") { Special = special }] };
        Assert.Equal(pieces, SmallVocabulary.Split("[NAME] [name]", options));
        var tokenizer = WordPieceTokenizer.Create(SmallVocabulary.Vocabulary, options);
        Assert.Equal(SmallVocabulary.Vocabulary.Count + 1, tokenizer.IdCount);
        Assert.Equal("[NAME]", tokenizer.GetPiece(SmallVocabulary.Vocabulary.Count));
    }

    [Fact]
    public void Encode_AddedTokens_HonourTheirFlags()
    {
        static string Split(string text, AddedToken token) => SmallVocabulary.Split(text, new WordPieceTokenizerOptions { AddedTokens = [token] });

        Assert.Equal("xyz c ##x ##y ##z .", Split("xyz cxyz.", new AddedToken("xyz") { SingleWord = true }));
        Assert.Equal("xyz c xyz xyz a", Split("xyz cxyz XYZa", new AddedToken("xyz")));
        Assert.Equal("xyz c xyz x ##y ##z ##a", Split("xyz cxyz XYZa", new AddedToken("xyz") { Normalized = false }));
        Assert.Equal("[[ a", Split("[[a", new AddedToken("[[") { Special = true }));
    }

    [Fact]
    public void Tokenize_AddedTokenThatStrips_TakesTheWhitespace()
    {
        var tokenizer = WordPieceTokenizer.Create(SmallVocabulary.Vocabulary, new WordPieceTokenizerOptions { AddedTokens = [new AddedToken("[X]") { Special = true, StripLeft = true, StripRight = true }] });
        Token token = tokenizer.Tokenize("a  [X] \tb")[2];
        Assert.Equal(new Token("[X]", SmallVocabulary.Vocabulary.Count, 1, 8), token);
    }

    [Fact]
    public void Tokenize_Text_GivesPiecesIdsAndOffsets()
    {
        IReadOnlyList<Token> tokens = SmallVocabulary.Tokenizer.Tokenize("\ud83d\ude00 Cafe\u0301 unwanted!");
        Assert.Equal(
            ["[CLS] 0-0", "\ud83d\ude00 0-2", "cafe 3-7", "un 9-11", "##want 11-15", "##ed 15-17", "! 17-18", "[SEP] 0-0"],
            tokens.Select(token => $"{token.Piece} {token.Start}-{token.End}"));
        Assert.All(tokens, token => Assert.Equal(token.Piece, SmallVocabulary.Tokenizer.GetPiece(token.Id)));
    }

    [Fact]
    public void Encode_ShortSpan_CutsBeforeTheSeparator()
    {
        long[] ids = new long[4];
        Assert.Equal(4, SmallVocabulary.Tokenizer.Encode("the cat sat.", ids, out bool truncated));
        Assert.True(truncated);
        Assert.Equal("[CLS] the cat [SEP]", string.Join(' ', ids.Select(id => SmallVocabulary.Tokenizer.GetPiece((int)id))));
        Assert.Equal(4, SmallVocabulary.Tokenizer.Encode("the cat \u0000 ", ids, out truncated));
        Assert.False(truncated);
        Assert.Equal(4, SmallVocabulary.Tokenizer.Encode("unwanted", ids, out truncated));
        Assert.True(truncated);
    }

    [Fact]
    public void Encode_WordUnknownBeyondTheCut_IsStillUnknown()
    {
        long[] ids = new long[3];
        Assert.Equal(3, SmallVocabulary.Tokenizer.Encode("cats\ud83d\ude02", ids, out bool truncated));
        Assert.Equal(SmallVocabulary.Tokenizer.UnknownTokenId, ids[1]);
        Assert.False(truncated);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Encode_DestinationTooShort_SaysWhatIsNeeded(int length)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => SmallVocabulary.Tokenizer.Encode("cat", new long[length], out _));
        Assert.Equal($"'inputIds' has {length} elements, expected at least 2, for [CLS] and [SEP]. Pass a longer span. (Parameter 'inputIds')", error.Message);
        Assert.Throws<ArgumentException>(() => SmallVocabulary.Tokenizer.Encode("cat", new int[length], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => SmallVocabulary.Tokenizer.Tokenize("cat", length));
    }

    [Theory]
    [InlineData("the cat ' s", "the cat ' s")]
    [InlineData("un ##want ##ed cat !", "unwanted cat!")]
    [InlineData("cat , cat .", "cat, cat.")]
    [InlineData("##ing cat ##s", "##ing cats")]
    public void Decode_Pieces_JoinsAndCleansUp(string pieces, string text)
    {
        long[] ids = [.. pieces.Split(' ').Select(piece => SmallVocabulary.Vocabulary.TryGetId(piece, out int id) ? id : -1L)];
        Assert.DoesNotContain(-1, ids);
        Assert.Equal(text, SmallVocabulary.Tokenizer.Decode(ids, skipSpecialTokens: true));
    }

    [Fact]
    public void Decode_SpecialTokens_AreSkippedWhenAsked()
    {
        long[] ids = new long[16];
        WordPieceTokenizer tokenizer = SmallVocabulary.Tokenizer;
        int count = tokenizer.Encode("the cat.", ids, out _);
        Assert.Equal("the cat.", tokenizer.Decode(ids.AsSpan(0, count), skipSpecialTokens: true));
        Assert.Equal("[CLS] the cat. [SEP]", tokenizer.Decode(ids.AsSpan(0, count), skipSpecialTokens: false));
        Assert.Equal("", tokenizer.Decode([-1, 1_000_000, long.MaxValue, long.MinValue], skipSpecialTokens: false));
    }

    [Fact]
    public void GetPiece_NoSuchId_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SmallVocabulary.Tokenizer.GetPiece(SmallVocabulary.Vocabulary.Count));

    [Theory]
    [InlineData("\u302e")]
    [InlineData("a\u0345")]
    public void Encode_HugeRunOfMarks_TakesNoQuadraticTime(string unit)
    {
        // A million marks in falling order of their classes: an insertion sort would need hours.
        string text = unit + string.Concat(Enumerable.Repeat("\u0345\u302e\u0334", 300_000));
        Assert.Equal(3, SmallVocabulary.Tokenizer.CountTokens(text));
    }
}
