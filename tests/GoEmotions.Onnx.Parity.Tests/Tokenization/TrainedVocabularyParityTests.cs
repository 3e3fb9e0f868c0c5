using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Parity.Tests.Tokenization;

/// <summary>Vocabularies of our trainer and tokenizer files of our writer, read by Hugging Face's library. Needs Node, but no data.</summary>
public sealed class TrainedVocabularyParityTests(ReferenceTokenizer reference) : IClassFixture<ReferenceTokenizer>
{
    private const int Seed = 77;

    public static TheoryData<string> Cases => ["uncased", "cased", "added tokens"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void TokenizerJson_ReadByTheReference_GivesTheSameIds(string kind)
    {
        ReferenceTokenizer.RequireNode();
        WordPieceTokenizerOptions options = kind switch
        {
            "cased" => new() { LowerCase = false, TokenizeChineseCharacters = false, MaxInputCharactersPerWord = 30 },
            "added tokens" => new() { StripAccents = false, AddedTokens = [new AddedToken("[NAME]") { Special = true }, new AddedToken("Caf\u00e9"), new AddedToken("cat") { SingleWord = true, StripLeft = true }] },
            _ => new(),
        };
        string[] words = ["the", "cat", "sat", "Caf\u00e9", "unwanted", "happiness", "\u4e2d\u6587", "\ud55c\uad6d", "na\u00efve", "\ud83d\ude00", "123", "don't"];
        string[] texts = [.. new TextFuzz(Seed, words).Texts(20_000)];
        var normalizer = new BertNormalizerOptions { LowerCase = options.LowerCase ?? true, StripAccents = options.StripAccents, HandleChineseCharacters = options.TokenizeChineseCharacters ?? true };
        Vocabulary vocabulary = WordPieceTrainer.Train(texts[..5000], new WordPieceTrainerOptions { VocabularySize = 6000, AlphabetLimit = 3000, Normalizer = normalizer });
        var tokenizer = WordPieceTokenizer.Create(vocabulary, options);

        using var folder = new TemporaryFolder();
        TokenizerFiles.Write(tokenizer, folder.Root);
        var comparison = new Comparison(reference, tokenizer, reference.Load(folder["tokenizer.json"]));
        comparison.Compare(texts);
        comparison.CompareDecoded(texts.Take(2000).Select(text => tokenizer.Tokenize(text).Select(token => token.Id).ToArray()), skipSpecialTokens: true);
        comparison.AssertEqual($"our vocabulary and tokenizer.json, {kind}, seed {Seed}");
    }
}
