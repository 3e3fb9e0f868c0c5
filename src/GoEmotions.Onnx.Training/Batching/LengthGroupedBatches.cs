namespace GoEmotions.Onnx.Training.Batching;

/// <summary>
/// The batches of an epoch: a shuffle that keeps texts of like length together. All examples are shuffled, cut into pools of many
/// batches, sorted by length within each pool, and cut into batches, whose order is shuffled again. So a batch holds little
/// padding, and its examples and its place are random all the same.
/// </summary>
public static class LengthGroupedBatches
{
    /// <summary>Batches per pool: with 50, GoEmotions' padding is a few percent of all tokens.</summary>
    private const int BatchesPerPool = 50;

    /// <summary>Divides the examples of an epoch.</summary>
    /// <param name="lengths">The number of tokens of each example.</param>
    /// <param name="batchSize">The number of texts in a batch.</param>
    /// <param name="maxBatchTokens">The largest batch in padded tokens (texts x longest text), or <see langword="null"/> for no such limit.</param>
    /// <param name="seed">The training's seed.</param>
    /// <param name="epoch">The epoch, from 0; each has another order.</param>
    /// <returns>The indices of the examples of each batch; every example stands in one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lengths"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or <paramref name="epoch"/> is negative.</exception>
    public static int[][] Plan(IReadOnlyList<int> lengths, int batchSize, int? maxBatchTokens, long seed, int epoch)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (maxBatchTokens is int limit)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(maxBatchTokens));
        }

        var random = DeterministicRandom.ForStream((ulong)seed, (ulong)epoch);
        int[] order = [.. Enumerable.Range(0, lengths.Count)];
        random.Shuffle(order.AsSpan());
        var batches = new List<int[]>();
        foreach (int[] pool in order.Chunk(batchSize * BatchesPerPool))
        {
            int[] sorted = [.. pool.OrderBy(example => lengths[example])];
            for (int start = 0; start < sorted.Length;)
            {
                int end = start + 1;
                while (end < sorted.Length && end - start < batchSize && (maxBatchTokens is not int tokens || (long)(end - start + 1) * lengths[sorted[end]] <= tokens))
                {
                    end++;
                }

                batches.Add(sorted[start..end]);
                start = end;
            }
        }

        int[][] result = [.. batches];
        random.Shuffle(result.AsSpan());
        return result;
    }
}
