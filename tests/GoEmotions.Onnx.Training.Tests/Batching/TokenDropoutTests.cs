using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Batching;

namespace GoEmotions.Onnx.Training.Tests.Batching;

public sealed class TokenDropoutTests
{
    private const int Unknown = 1;

    [Fact]
    public void Apply_ManyTokens_ReplacesTheGivenShareAndSparesTheEndsAndThePadding()
    {
        using TokenBatch batch = Batch();
        new TokenDropout(0.25, Unknown, seed: 3).Apply(batch, stream: 0);
        int replaced = 0;
        for (int row = 0; row < batch.Rows; row++)
        {
            ReadOnlySpan<long> ids = batch.InputIds.Slice(row * batch.SequenceLength, batch.SequenceLength);
            int count = batch.TokenCounts[row];
            Assert.Equal(2, ids[0]);
            Assert.Equal(3, ids[count - 1]);
            Assert.All(ids[count..].ToArray(), id => Assert.Equal(0, id));
            Assert.All(ids[1..(count - 1)].ToArray(), id => Assert.True(id is 9 or Unknown, $"id {id}"));
            replaced += ids.Count(Unknown);
        }

        // 9,600 tokens: 5 standard deviations of the binomial distribution are 0.022.
        Assert.Equal(0.25, replaced / 9600.0, 0.022);
    }

    [Fact]
    public void Apply_SeedAndStream_DecideAlone()
    {
        long[] first = Ids(seed: 3, stream: 5);
        Assert.Equal(first, Ids(seed: 3, stream: 5));
        Assert.NotEqual(first, Ids(seed: 3, stream: 6));
        Assert.NotEqual(first, Ids(seed: 4, stream: 5));

        static long[] Ids(ulong seed, ulong stream)
        {
            using TokenBatch batch = Batch();
            new TokenDropout(0.25, Unknown, seed).Apply(batch, stream);
            return batch.InputIds.ToArray();
        }
    }

    [Fact]
    public void Apply_ProbabilityZero_ChangesNothing()
    {
        using TokenBatch batch = Batch();
        long[] before = batch.InputIds.ToArray();
        new TokenDropout(0, Unknown, seed: 3).Apply(batch, stream: 0);
        Assert.Equal(before, batch.InputIds.ToArray());
    }

    // 200 rows of 48 ordinary tokens, or in every other row as many fewer as another row has more.
    private static TokenBatch Batch()
    {
        var batch = new TokenBatch(200 * 70);
        batch.Begin(200, 70);
        for (int row = 0; row < batch.Rows; row++)
        {
            int ordinary = row % 2 == 0 ? 48 + (row % 20) : 48 - ((row - 1) % 20);
            batch.SetRow(row, [2, .. Enumerable.Repeat(9, ordinary), 3], padTokenId: 0);
        }

        return batch;
    }
}
