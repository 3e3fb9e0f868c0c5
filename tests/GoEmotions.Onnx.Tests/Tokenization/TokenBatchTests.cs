using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Tests.Tokenization;

public sealed class TokenBatchTests
{
    private static WordPieceTokenizer Tokenizer => SmallVocabulary.Tokenizer;

    [Fact]
    public void Encode_Texts_FillsThePlanes()
    {
        using var batch = new TokenBatch(64);
        batch.Encode(Tokenizer, (string[])["the cat", "unwanted cats!", ""], 32);
        Assert.Equal((3, 7), (batch.Rows, batch.SequenceLength));
        Assert.Equal([4, 7, 2], batch.TokenCounts.ToArray());
        Assert.Equal([false, false, false], batch.Truncated.ToArray());
        Assert.Equal("[CLS] the cat [SEP] [PAD] [PAD] [PAD]", Row(batch, 0));
        Assert.Equal("[CLS] un ##want ##ed cats ! [SEP]", Row(batch, 1));
        Assert.Equal("[CLS] [SEP] [PAD] [PAD] [PAD] [PAD] [PAD]", Row(batch, 2));
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], batch.AttentionMask.ToArray());
        Assert.Equal(new long[21], batch.TokenTypeIds.ToArray());
    }

    [Fact]
    public void Encode_SequenceLengthGiven_PadsToIt()
    {
        using var batch = new TokenBatch(64);
        batch.Encode(Tokenizer, (string[])["the cat", "a"], 32, 8);
        Assert.Equal((2, 8), (batch.Rows, batch.SequenceLength));
        Assert.Equal("[CLS] a [SEP] [PAD] [PAD] [PAD] [PAD] [PAD]", Row(batch, 1));
    }

    [Fact]
    public void Encode_UsedAgain_LeavesNothingBehind()
    {
        var random = new Random(3);
        string[] texts = [.. new TextFuzz(3, SmallVocabulary.Pieces).Texts(2000)];
        using var used = new TokenBatch(4096);
        for (int round = 0; round < 300; round++)
        {
            ReadOnlySpan<string> chosen = texts.AsSpan(random.Next(1900), random.Next(1, 40));
            int maxLength = random.Next(2, 60);
            int sequenceLength = random.Next(2) * maxLength;
            used.Encode(Tokenizer, chosen, maxLength, sequenceLength);
            using var fresh = new TokenBatch(4096);
            fresh.Encode(Tokenizer, chosen, maxLength, sequenceLength);
            Assert.True(fresh.InputIds.SequenceEqual(used.InputIds), $"seed 3, round {round}");
            Assert.True(fresh.AttentionMask.SequenceEqual(used.AttentionMask), $"seed 3, round {round}");
            Assert.True(fresh.TokenTypeIds.SequenceEqual(used.TokenTypeIds), $"seed 3, round {round}");
        }
    }

    [Fact]
    public void Encode_Row_EqualsASingleText()
    {
        const int Seed = 5;
        string[] texts = [.. new TextFuzz(Seed, SmallVocabulary.Pieces).Texts(3200)];
        long[] ids = new long[40];
        using var batch = new TokenBatch(32 * 40);
        using var single = new TokenBatch(40);
        for (int start = 0; start < texts.Length; start += 32)
        {
            batch.Encode(Tokenizer, texts.AsSpan(start, 32), 40);
            Assert.Equal(batch.TokenCounts.ToArray().Max(), batch.SequenceLength);
            for (int row = 0; row < 32; row++)
            {
                string text = texts[start + row];
                int count = Tokenizer.Encode(text, ids, out bool truncated);
                ReadOnlySpan<long> found = batch.InputIds.Slice(row * batch.SequenceLength, batch.SequenceLength);
                Assert.True(found[..count].SequenceEqual(ids.AsSpan(0, count)), $"seed {Seed}, text {start + row}");
                Assert.False(found[count..].ContainsAnyExcept(Tokenizer.PadTokenId), $"seed {Seed}, text {start + row}");
                Assert.Equal(count, batch.TokenCounts[row]);
                Assert.Equal(truncated, batch.Truncated[row]);

                single.Encode(Tokenizer, text.AsSpan(), 40);
                Assert.True(single.InputIds.SequenceEqual(ids.AsSpan(0, count)), $"seed {Seed}, text {start + row}");
                Assert.Equal((1, count, truncated), (single.Rows, single.SequenceLength, single.Truncated[0]));
            }
        }
    }

    [Fact]
    public void Encode_NoText_IsAnEmptyBatch()
    {
        using var batch = new TokenBatch(16);
        batch.Encode(Tokenizer, (string[])["cat"], 16);
        batch.Encode(Tokenizer, ReadOnlySpan<string>.Empty, 16);
        Assert.Equal((0, 0, 0), (batch.Rows, batch.SequenceLength, batch.InputIds.Length));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    public void Encode_BeyondTheCapacity_IsAnErrorAndLeavesTheBatchEmpty(int capacity)
    {
        using var batch = new TokenBatch(capacity);
        batch.Encode(Tokenizer, (string[])["cat"], 4);
        ArgumentException error = Assert.Throws<ArgumentException>(() => batch.Encode(Tokenizer, (string[])["the cat sat", "the cat", "a"], 16));
        Assert.Contains($"expected at most the batch's capacity of {capacity}. Encode fewer texts at once, or make the TokenBatch larger or growing.", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, batch.Rows);
    }

    [Fact]
    public void Encode_TextCutByTheCapacityAlone_IsAnErrorNotACut()
    {
        using var batch = new TokenBatch(4);
        Assert.Throws<ArgumentException>(() => batch.Encode(Tokenizer, (string[])["the cat sat"], 16));
        batch.Encode(Tokenizer, (string[])["the cat sat"], 4);
        Assert.True(batch.Truncated[0]);
    }

    [Fact]
    public void Encode_GrowingBatch_TakesWhatItNeeds()
    {
        string[] texts = [.. new TextFuzz(9, SmallVocabulary.Pieces).Texts(200)];
        using var growing = new TokenBatch(2, grows: true);
        using var large = new TokenBatch(200 * 128);
        growing.Encode(Tokenizer, texts, 100, 128);
        large.Encode(Tokenizer, texts, 100, 128);
        Assert.True(growing.InputIds.SequenceEqual(large.InputIds));
        Assert.True(growing.AttentionMask.SequenceEqual(large.AttentionMask));
        Assert.True(growing.TokenTypeIds.SequenceEqual(large.TokenTypeIds));
        Assert.True(growing.Truncated.SequenceEqual(large.Truncated));
        Assert.InRange(growing.Capacity, 200 * 128, int.MaxValue);
    }

    [Fact]
    public void Encode_BadArguments_AreRefused()
    {
        using var batch = new TokenBatch(64);
        Assert.Throws<ArgumentNullException>(() => batch.Encode(null!, (string[])["a"], 8));
        Assert.Throws<ArgumentNullException>(() => batch.Encode(Tokenizer, (string[])["a", null!], 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Encode(Tokenizer, (string[])["a"], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Encode(Tokenizer, (string[])["a"], 8, -1));
        Assert.Throws<ArgumentException>(() => batch.Encode(Tokenizer, (string[])["the cat sat"], 8, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenBatch(1));
        var limited = WordPieceTokenizer.Create(SmallVocabulary.Vocabulary, new WordPieceTokenizerOptions { MaxLength = 16 });
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Encode(limited, (string[])["a"], 17));
        Assert.Equal(0, batch.Rows);
    }

    [Fact]
    public void Dispose_Twice_ThenNothingWorks()
    {
        var batch = new TokenBatch(64);
        batch.Dispose();
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Encode(Tokenizer, (string[])["a"], 8));
        Assert.Throws<ObjectDisposedException>(() => batch.InputIds.Length);
    }

    private static string Row(TokenBatch batch, int row) =>
        string.Join(' ', batch.InputIds.Slice(row * batch.SequenceLength, batch.SequenceLength).ToArray().Select(id => Tokenizer.GetPiece((int)id)));
}
