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
        NodeProgram.Tokenizers.Require();
        WordPieceTokenizerOptions options = kind switch
        {
            "cased" => new() { LowerCase = false, TokenizeChineseCharacters = false, MaxInputCharactersPerWord = 30 },
            "added tokens" => new() { StripAccents = false, AddedTokens = [new AddedToken("[NAME]") { Special = true }, new AddedToken("Caf\u00e9"), new AddedToken("cat") { SingleWord = true, StripLeft = true }] },
            _ => new(),
        };
        string[] words = ["the", "cat", "sat", "Caf\u00e9", "unwanted", "happiness", "\u4e2d\u6587", "\ud55c\uad6d", "na\u00efve", "\ud83d\ude00", "123", "don't"];
        string[] texts = [.. new TextFuzz(Seed, words).Texts(12_000)];
        var normalizer = new BertNormalizerOptions { LowerCase = options.LowerCase ?? true, StripAccents = options.StripAccents, HandleChineseCharacters = options.TokenizeChineseCharacters ?? true };
        Vocabulary vocabulary = WordPieceTrainer.Train(texts[..1500], new WordPieceTrainerOptions { VocabularySize = 4000, AlphabetLimit = 2000, Normalizer = normalizer });
        var tokenizer = WordPieceTokenizer.Create(vocabulary, options);

        using var folder = new TemporaryFolder();
        TokenizerFiles.Write(tokenizer, folder.Root);
        var comparison = new Comparison(reference, tokenizer, reference.Load(folder["tokenizer.json"]));
        comparison.Compare(texts);
        comparison.CompareDecoded(texts.Take(2000).Select(text => tokenizer.Tokenize(text).Select(token => token.Id).ToArray()), skipSpecialTokens: true);
        comparison.AssertEqual($"our vocabulary and tokenizer.json, {kind}, seed {Seed}");
    }

    [Fact]
    public void WordPieceTokenizer_MarksThatAreNotStripped_AreOrderedAsInTheReference()
    {
        // Marks with a combining class that are no accents stay in the text, in canonical order. A vocabulary that can
        // spell them in any order shows it in the ids.
        CharacterTable table = CharacterTable.Instance;
        int[] marks = [.. Enumerable.Range(0, CharacterTable.CodePointEnd).Where(codePoint => table.CombiningRankOf(codePoint) > 0)];
        string[] stripped = [.. marks.Where(IsStripped).Select(char.ConvertFromUtf32)];
        string[] kept = [.. marks.Where(mark => !IsStripped(mark)).Select(char.ConvertFromUtf32)];
        Assert.True(kept.Length > 10 && stripped.Length > 300, $"{kept.Length} kept, {stripped.Length} stripped");
        var vocabulary = Vocabulary.Create([
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "##\ud834\udd57", "\ud834\udd57", "##\ud834\udd58", "\ud834\udd58",
            .. kept, .. kept.Select(mark => "##" + mark),
        ]);
        Comparison comparison = Comparison.Create(reference, vocabulary, new WordPieceTokenizerOptions());
        var random = new Random(Seed);
        string[][] sources = [kept, kept, stripped, ["a", " ", "\u0e31", "\u20dd", "\ud834\udd5e", "\ud834\udd60", "\ud834\udd64", "\u0344", "\u00e4"]];
        comparison.Compare(Enumerable.Range(0, 10_000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ =>
        {
            string[] source = sources[random.Next(sources.Length)];
            return source[random.Next(source.Length)];
        }))));
        comparison.AssertEqual($"{kept.Length} marks that stay, seed {Seed}");

        bool IsStripped(int mark) => (table.FlagsOf(mark) & CharacterFlags.NonSpacingMark) != 0;
    }
}
