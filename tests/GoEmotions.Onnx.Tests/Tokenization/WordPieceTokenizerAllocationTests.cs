using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Tests.Tokenization;

public sealed class WordPieceTokenizerAllocationTests
{
    private const int Seed = 7;

    public static TheoryData<string> Cases => ["plain", "special added tokens", "normalized added tokens", "long words"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Encode_ManyTexts_AllocatesNothing(string kind)
    {
        WordPieceTokenizerOptions options = kind switch
        {
            "special added tokens" => new() { AddedTokens = [new AddedToken("[NAME]") { Special = true }] },
            "normalized added tokens" => new() { AddedTokens = [new AddedToken("[NAME]")] },
            "long words" => new() { MaxInputCharactersPerWord = 500 },
            _ => new(),
        };
        var tokenizer = WordPieceTokenizer.Create(SmallVocabulary.Vocabulary, options);
        string[] texts = [.. new TextFuzz(Seed, SmallVocabulary.Pieces).Texts(3000), "the cat \ud834\udd5e\u302e sat", new string('a', 5000)];
        long[] ids = new long[128];
        int[] shortIds = new int[16];
        AssertAllocatesNothing(() =>
        {
            foreach (string text in texts)
            {
                tokenizer.Encode(text, ids, out _);
                tokenizer.Encode(text, shortIds, out _);
                tokenizer.CountTokens(text);
            }
        });
    }

    [Fact]
    public void TokenBatch_ManyBatches_AllocatesNothing()
    {
        string[] texts = [.. new TextFuzz(Seed, SmallVocabulary.Pieces).Texts(3000)];
        using var batch = new TokenBatch(16 * 64);
        AssertAllocatesNothing(() =>
        {
            for (int start = 0; start + 16 <= texts.Length; start += 16)
            {
                batch.Encode(SmallVocabulary.Tokenizer, texts.AsSpan(start, 16), 64);
                batch.Encode(SmallVocabulary.Tokenizer, texts.AsSpan(start, 16), 32, 64);
                batch.Encode(SmallVocabulary.Tokenizer, texts[start].AsSpan(), 64);
            }
        });
    }

    [Fact]
    public void Encode_DataSetTexts_AllocatesNothing()
    {
        var tokenizer = WordPieceTokenizer.Load(TestFiles.Shared("data/bert-base-uncased/vocab.txt"));
        string[] texts = File.ReadAllLines(TestFiles.Shared("data/goemotions/dev.tsv"));
        long[] ids = new long[128];
        AssertAllocatesNothing(() =>
        {
            foreach (string text in texts)
            {
                tokenizer.Encode(text, ids, out _);
            }
        });
    }

    // A full collection may empty the array pool, which then fills again: what allocates on every pass never reaches 0,
    // so one pass of five without allocation proves the rest.
    private static void AssertAllocatesNothing(Action action)
    {
        action();
        action();
        long allocated = long.MaxValue;
        for (int pass = 0; pass < 5 && allocated != 0; pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
