using System.Text;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Parity.Tests.Tokenization;

/// <summary>Our tokenizer against Hugging Face's, on the vocabulary of bert-base-uncased.</summary>
public sealed class WordPieceTokenizerParityTests(ReferenceTokenizer reference) : IClassFixture<ReferenceTokenizer>
{
    private const int Seed = 20261123;

    private static readonly AddedToken[] DataSetTokens =
    [
        new("[NAME]") { Special = true },
        new("[RELIGION]") { Special = true },
    ];

    public static TheoryData<string> Variants => [.. VariantOptions.Keys];

    private static Dictionary<string, WordPieceTokenizerOptions> VariantOptions { get; } = new()
    {
        ["cased"] = new() { LowerCase = false },
        ["cased, accents stripped"] = new() { LowerCase = false, StripAccents = true },
        ["uncased, accents kept"] = new() { StripAccents = false },
        ["ideographs unspaced"] = new() { TokenizeChineseCharacters = false },
        ["no clean-up"] = new() { CleanText = false },
        ["no clean-up, cased"] = new() { CleanText = false, LowerCase = false },
        ["nothing but splitting"] = new() { CleanText = false, LowerCase = false, TokenizeChineseCharacters = false },
        ["words of 20 characters"] = new() { MaxInputCharactersPerWord = 20 },
        ["words of 300 characters"] = new() { MaxInputCharactersPerWord = 300 },
        ["words of 3 characters"] = new() { MaxInputCharactersPerWord = 3 },
        ["special added tokens"] = new() { AddedTokens = DataSetTokens },
        ["normalized added tokens"] = new() { AddedTokens = [new("[NAME]"), new("Yesterday"), new("caf\u00e9"), new("a b")] },
        ["single words"] = new() { AddedTokens = [new("a") { SingleWord = true, Normalized = false }, new("x") { SingleWord = true }, new("[NAME]") { SingleWord = true, Special = true }] },
        ["stripping"] = new() { AddedTokens = [new("[NAME]") { StripLeft = true, Special = true }, new("[RELIGION]") { StripRight = true, Special = true }, new("[name]") { StripLeft = true, StripRight = true, Normalized = false }] },
        ["overlapping"] = new() { AddedTokens = [new("[[SEP]]") { Special = true }, new("[SE") { Normalized = false }, new("\u4e2d\u6587") { Normalized = false }, new(" [") { Normalized = false }, new("...") { Normalized = false }] },
    };

    [Fact]
    public void WordPieceTokenizer_TrainAndDevTexts_EqualReference()
    {
        string[] texts = [.. Texts("train.tsv"), .. Texts("dev.tsv")];
        Comparison comparison = Comparison.Create(reference, BertVocabulary(), new WordPieceTokenizerOptions());
        comparison.Compare(texts);
        comparison.AssertEqual("train and dev texts");
    }

    [Fact]
    public void WordPieceTokenizer_DataSetTokensAdded_EqualReferenceOnDevTexts()
    {
        foreach (AddedToken[] added in (AddedToken[][])[DataSetTokens, [.. DataSetTokens.Select(token => token with { Special = false })]])
        {
            Comparison comparison = Comparison.Create(reference, BertVocabulary(), new WordPieceTokenizerOptions { AddedTokens = added });
            comparison.Compare(Texts("dev.tsv"));
            comparison.AssertEqual("dev texts with [NAME] and [RELIGION] added");
        }
    }

    [Fact]
    public void WordPieceTokenizer_UnicodeFuzz_EqualsReference()
    {
        Vocabulary vocabulary = BertVocabulary();
        Comparison comparison = Comparison.Create(reference, vocabulary, new WordPieceTokenizerOptions());
        comparison.Compare(new TextFuzz(Seed, [.. vocabulary.Pieces]).Texts(120_000));
        comparison.AssertEqual($"fuzz, seed {Seed}");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void WordPieceTokenizer_Variant_EqualsReferenceOnFuzz(string variant)
    {
        Vocabulary vocabulary = BertVocabulary();
        Comparison comparison = Comparison.Create(reference, vocabulary, VariantOptions[variant]);
        int seed = Seed + VariantOptions.Keys.ToList().IndexOf(variant) + 1;
        comparison.Compare(new TextFuzz(seed, [.. vocabulary.Pieces]).Texts(8_000));
        comparison.AssertEqual($"{variant}, seed {seed}");
    }

    [Fact]
    public void WordPieceTokenizer_EveryLengthTo512_IsCutAsTheReferenceCuts()
    {
        Vocabulary vocabulary = BertVocabulary();
        Comparison comparison = Comparison.Create(reference, vocabulary, new WordPieceTokenizerOptions());
        string[] dev = [.. Texts("dev.tsv")];
        string[] texts = [.. Enumerable.Range(0, 6).Select(index => string.Join(' ', dev[(index * 60)..((index + 1) * 60)])), .. dev[..12], .. new TextFuzz(Seed - 1, [.. vocabulary.Pieces]).Texts(20)];
        for (int maxLength = 2; maxLength <= 512; maxLength++)
        {
            comparison.Compare(texts, maxLength);
        }

        comparison.AssertEqual("lengths 2 to 512");
    }

    [Fact]
    public void WordPieceTokenizer_DecodedIds_EqualReference()
    {
        Vocabulary vocabulary = BertVocabulary();
        var options = new WordPieceTokenizerOptions { AddedTokens = [.. DataSetTokens, new("Yesterday"), new(" n't 's")] };
        Comparison comparison = Comparison.Create(reference, vocabulary, options);
        var tokenizer = WordPieceTokenizer.Create(vocabulary, options);
        int[][] encoded = [.. Texts("dev.tsv").Select(text => tokenizer.Tokenize(text).Select(token => token.Id).ToArray())];
        var random = new Random(Seed);
        int[][] drawn = [.. Enumerable.Range(0, 5_000).Select(_ => Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(random.Next(5) == 0 ? 120 : tokenizer.IdCount + 5)).ToArray())];
        foreach (bool skip in (bool[])[true, false])
        {
            comparison.CompareDecoded([.. encoded, .. drawn], skip);
        }

        comparison.AssertEqual($"decoded ids, seed {Seed}");
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, null, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public void BertNormalizer_EveryCodePoint_EqualsReference(bool lowerCase, bool? stripAccents, bool cleanText)
    {
        var options = new WordPieceTokenizerOptions { LowerCase = lowerCase, StripAccents = stripAccents, CleanText = cleanText };
        var normalizer = new BertNormalizer(new BertNormalizerOptions { LowerCase = lowerCase, StripAccents = stripAccents, CleanText = cleanText });
        int compared = 0;
        foreach (int[] chunk in Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Chunk(100_000))
        {
            string[] texts = [.. chunk.Select(codePoint => $"x{char.ConvertFromUtf32(codePoint)}z")];
            string[] expected = reference.Normalize(options, texts);
            for (int index = 0; index < texts.Length; index++, compared++)
            {
                string found = normalizer.Normalize(texts[index]);
                Assert.True(found == expected[index], $"U+{chunk[index]:X4}: expected '{expected[index]}', found '{found}'");
            }
        }

        Assert.Equal(0x110000 - 0x800, compared);
    }

    private static Vocabulary BertVocabulary()
    {
        NodeProgram.Tokenizers.Require();
        return Vocabulary.Load(TestFiles.Shared("data/bert-base-uncased/vocab.txt"));
    }

    private static IEnumerable<string> Texts(string file) =>
        File.ReadLines(TestFiles.Shared("data/goemotions/" + file)).Select(line => line[..line.IndexOf('\t', StringComparison.Ordinal)]);
}
