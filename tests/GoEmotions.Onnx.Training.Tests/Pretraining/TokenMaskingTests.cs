using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Pretraining;

namespace GoEmotions.Onnx.Training.Tests.Pretraining;

public sealed class TokenMaskingTests
{
    private const int MaskId = 4;

    private static readonly WordPieceTokenizer Tokenizer = WordPieceTokenizer.Create(
        Vocabulary.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, 100).Select(index => $"word{index}")]), new WordPieceTokenizerOptions { MaxLength = 64 });

    [Fact]
    public void Apply_ManyTokens_HidesThemInBertsProportions()
    {
        using TokenBatch batch = Batch(rows: 400, ordinary: 50);
        long[] before = batch.InputIds.ToArray();
        var masking = new TokenMasking(Tokenizer, 0.15, seed: 1);
        masking.Apply(batch, step: 0);
        long[] positions = masking.Positions.ToArray();
        long[] ids = masking.Ids.ToArray();
        Assert.Equal(positions.Order(), positions);
        Assert.Equal(ids, positions.Select(position => before[position]));
        for (int position = 0; position < before.Length; position++)
        {
            Assert.True(before[position] == batch.InputIds[position] || positions.AsSpan().BinarySearch((long)position) >= 0, $"position {position}");
        }

        int masked = positions.Count(position => batch.InputIds[(int)position] == MaskId);
        int same = positions.Count(position => batch.InputIds[(int)position] == before[position]);

        // 20,000 tokens, 3,000 of them chosen: 5 standard deviations are 0.013, 0.037 and 0.028. A replacement is the same word once in a hundred times.
        Assert.Equal(0.15, positions.Length / 20000.0, 0.013);
        Assert.Equal(0.8, masked / (double)positions.Length, 0.037);
        Assert.Equal(0.101, same / (double)positions.Length, 0.028);
        Assert.All(positions, position => Assert.True(before[position] > MaskId && batch.InputIds[(int)position] >= MaskId, $"position {position}"));
    }

    [Fact]
    public void Apply_SeedAndStep_DecideAlone()
    {
        long[] first = Hide(seed: 1, step: 2);
        Assert.Equal(first, Hide(seed: 1, step: 2));
        Assert.NotEqual(first, Hide(seed: 1, step: 3));
        Assert.NotEqual(first, Hide(seed: 2, step: 2));

        static long[] Hide(ulong seed, ulong step)
        {
            using TokenBatch batch = Batch(rows: 8, ordinary: 20);
            var masking = new TokenMasking(Tokenizer, 0.15, seed);
            masking.Apply(batch, step);
            return [.. masking.Positions, .. batch.InputIds];
        }
    }

    [Fact]
    public void Apply_FewTokens_HidesOneAtLeast()
    {
        var masking = new TokenMasking(Tokenizer, 0.001, seed: 1);
        for (ulong step = 0; step < 50; step++)
        {
            using TokenBatch batch = Batch(rows: 1, ordinary: 3);
            masking.Apply(batch, step);
            Assert.Equal(1, masking.Positions.Length);
            Assert.InRange(masking.Positions[0], 1, 3);
            Assert.Equal(MaskId, batch.InputIds[(int)masking.Positions[0]]);
        }
    }

    [Fact]
    public void Apply_NothingButSpecialTokens_HidesNothing()
    {
        using TokenBatch batch = Batch(rows: 3, ordinary: 0);
        var masking = new TokenMasking(Tokenizer, 0.5, seed: 1);
        masking.Apply(batch, step: 0);
        Assert.Equal(0, masking.Positions.Length);
        Assert.False(masking.CanHideAny([2, 1, 3]));
        Assert.True(masking.CanHideAny([2, 5, 3]));
    }

    private static TokenBatch Batch(int rows, int ordinary)
    {
        var batch = new TokenBatch(rows * (ordinary + 7));
        batch.Begin(rows, ordinary + 7);
        for (int row = 0; row < rows; row++)
        {
            batch.SetRow(row, [2, .. Enumerable.Range(0, ordinary).Select(index => MaskId + 1 + ((row + index) % 100)), 3], padTokenId: 0);
        }

        return batch;
    }
}
