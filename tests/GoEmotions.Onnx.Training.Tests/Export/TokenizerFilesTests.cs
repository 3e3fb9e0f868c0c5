using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Training.Tests.Export;

public sealed class TokenizerFilesTests
{
    public static TheoryData<string> Cases => ["uncased", "cased", "added tokens"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Write_ThenLoad_IsTheSameTokenizer(string kind)
    {
        WordPieceTokenizerOptions options = kind switch
        {
            "cased" => new() { LowerCase = false, StripAccents = true, TokenizeChineseCharacters = false, MaxLength = 512, MaxInputCharactersPerWord = 40 },
            "added tokens" => new() { CleanText = false, AddedTokens = [new AddedToken("[NAME]") { Special = true }, new AddedToken("Yes \"\u00e9\"") { SingleWord = true, StripLeft = true, StripRight = true }] },
            _ => new(),
        };
        string[] texts = [.. new TextFuzz(6, ["the", "cat", "Yes \"\u00e9\"", "sat"]).Texts(500)];
        var tokenizer = WordPieceTokenizer.Create(WordPieceTrainer.Train(texts, new WordPieceTrainerOptions { VocabularySize = 2000, AlphabetLimit = 500 }), options);

        using var folder = new TemporaryFolder();
        TokenizerFiles.Write(tokenizer, folder.Root);
        Assert.Equal(["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"], Directory.GetFiles(folder.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        CheckEqual(tokenizer, WordPieceTokenizer.Load(folder.Root), texts);

        // Each file alone says enough: the vocabulary is also in tokenizer.json.
        File.Delete(folder["vocab.txt"]);
        File.Delete(folder["special_tokens_map.json"]);
        CheckEqual(tokenizer, WordPieceTokenizer.Load(folder.Root), texts);
    }

    [Fact]
    public void Write_NoMaskToken_NamesNone()
    {
        using var folder = new TemporaryFolder();
        TokenizerFiles.Write(WordPieceTokenizer.Create(Vocabulary.Create("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a")), folder.Root);
        Assert.DoesNotContain("[MASK]", File.ReadAllText(folder["tokenizer_config.json"]), StringComparison.Ordinal);
        Assert.Equal(5, WordPieceTokenizer.Load(folder.Root).IdCount);
    }

    [Fact]
    public void Write_Twice_IsTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = WordPieceTokenizer.Create(Vocabulary.Create("[PAD]", "[UNK]", "[CLS]", "[SEP]", "\u00e9", "\ud83d\ude00"));
        TokenizerFiles.Write(tokenizer, folder["a"]);
        TokenizerFiles.Write(tokenizer, folder["b"]);
        foreach (string file in Directory.GetFiles(folder["a"]))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(folder["b"], Path.GetFileName(file))));
            Assert.DoesNotContain('\r', File.ReadAllText(file));
        }
    }

    private static void CheckEqual(WordPieceTokenizer expected, WordPieceTokenizer found, string[] texts)
    {
        Assert.Equal(expected.Options with { AddedTokens = [] }, found.Options with { AddedTokens = [] });
        Assert.Equal(
            expected.Options.AddedTokens.Select(token => token with { Normalized = token.Normalized ?? !token.Special }).OrderBy(token => token.Id),
            found.Options.AddedTokens.Select(token => token with { Normalized = token.Normalized ?? !token.Special }).OrderBy(token => token.Id));
        foreach (string text in texts)
        {
            Assert.Equal(expected.Tokenize(text), found.Tokenize(text));
        }
    }
}
