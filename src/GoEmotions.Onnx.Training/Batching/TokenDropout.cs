using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Training.Batching;

/// <summary>
/// Replaces tokens of a batch at random by the unknown token ("word dropout", Iyyer et al. 2015, Deep Unordered Composition Rivals
/// Syntactic Methods): a small encoder on little data learns by heart less. The tokens at a text's ends, [CLS] and [SEP], stay. What
/// becomes of a token depends on seed, stream and its place in the batch alone.
/// </summary>
internal sealed class TokenDropout(double probability, int unknownTokenId, ulong seed)
{
    // Other numbers than those that hide tokens in pre-training with the same seed.
    private readonly ulong _seed = DeterministicRandom.Mix(seed ^ 0x546F6B656E44726F);

    /// <summary>Replaces tokens.</summary>
    /// <param name="batch">The batch, changed in place.</param>
    /// <param name="stream">What tells this batch from all others of the training.</param>
    public void Apply(TokenBatch batch, ulong stream)
    {
        if (probability == 0)
        {
            return;
        }

        Span<long> ids = batch.WritableInputIds;
        for (int row = 0; row < batch.Rows; row++)
        {
            int start = row * batch.SequenceLength;
            int last = start + batch.TokenCounts[row] - 1;
            for (int position = start + 1; position < last; position++)
            {
                if (TokenDraw.At(_seed, stream, position) < probability)
                {
                    ids[position] = unknownTokenId;
                }
            }
        }
    }
}
