using System.Runtime.CompilerServices;

namespace GoEmotions.Onnx.Batching;

/// <summary>Scores a stream of texts in chunks, in order, while the source makes the next texts.</summary>
internal static class PredictionStream
{
    private const int MaxChunk = 256;

    /// <summary>Runs the stream.</summary>
    public static async IAsyncEnumerable<EmotionPrediction> Run(EmotionClassifier classifier, IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new List<string>(MaxChunk);
        await using ConfiguredCancelableAsyncEnumerable<string>.Enumerator source = texts.WithCancellation(cancellationToken).ConfigureAwait(false).GetAsyncEnumerator();
        ConfiguredValueTaskAwaitable<bool> move = default;
        bool isMoving = false;
        try
        {
            for (bool more = true; more;)
            {
                move = source.MoveNextAsync();
                isMoving = true;
                if (chunk.Count > 0 && !move.GetAwaiter().IsCompleted)
                {
                    // The source makes wait: what is there is answered meanwhile.
                    foreach (EmotionPrediction prediction in await PredictAsync(classifier, chunk, cancellationToken).ConfigureAwait(false))
                    {
                        yield return prediction;
                    }
                }

                isMoving = false;
                more = await move;
                if (more)
                {
                    chunk.Add(source.Current);
                }

                if (chunk.Count > 0 && (!more || chunk.Count == MaxChunk))
                {
                    foreach (EmotionPrediction prediction in await PredictAsync(classifier, chunk, cancellationToken).ConfigureAwait(false))
                    {
                        yield return prediction;
                    }
                }
            }
        }
        finally
        {
            if (isMoving)
            {
                // The reader left, or scoring failed: the source may only be disposed of when its move has ended.
                await EndMove(move).ConfigureAwait(false);
            }
        }
    }

    private static async Task<IReadOnlyList<EmotionPrediction>> PredictAsync(EmotionClassifier classifier, List<string> chunk, CancellationToken cancellationToken)
    {
        string[] texts = [.. chunk];
        chunk.Clear();
        return await Task.Run(() => classifier.Predict(texts), cancellationToken).ConfigureAwait(false);
    }

    private static async Task EndMove(ConfiguredValueTaskAwaitable<bool> move)
    {
        try
        {
            await move;
        }
        catch (Exception)
        {
            // The stream has ended already, by choice or by an error that is on its way; the source's own adds nothing.
        }
    }
}
