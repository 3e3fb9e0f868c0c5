using System.Runtime.InteropServices;

namespace GoEmotions.Onnx.Training.Vocabularies;

/// <summary>How often each pair of pieces occurs, and in which words; kept up to date as words change.</summary>
/// <remarks>
/// The queue may hold a pair several times and with old counts. One that is taken with an old count goes back with its
/// present one, so that the order is right without searching the queue.
/// </remarks>
internal sealed class PairCounts(int minFrequency)
{
    private readonly Dictionary<PiecePair, long> _counts = [];
    private readonly Dictionary<PiecePair, HashSet<int>> _places = [];
    private readonly HashSet<PiecePair> _grown = [];

    // The most frequent first, of equally frequent ones the one of older pieces.
    private readonly PriorityQueue<PiecePair, (long, int, int)> _queue = new();

    /// <summary>Counts the pairs of a word.</summary>
    public void Add(TrainingWord word, int place)
    {
        ReadOnlySpan<int> pieces = word.Pieces;
        for (int index = 1; index < pieces.Length; index++)
        {
            var pair = new PiecePair(pieces[index - 1], pieces[index]);
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += word.Count;
            ref HashSet<int>? places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
            (places ??= []).Add(place);
            _grown.Add(pair);
        }
    }

    /// <summary>Takes back the pairs of a word that is about to change.</summary>
    public void Remove(TrainingWord word)
    {
        ReadOnlySpan<int> pieces = word.Pieces;
        for (int index = 1; index < pieces.Length; index++)
        {
            CollectionsMarshal.GetValueRefOrNullRef(_counts, new PiecePair(pieces[index - 1], pieces[index])) -= word.Count;
        }
    }

    /// <summary>Makes what was added since the last call available to <see cref="TryTakeMostFrequent"/>.</summary>
    public void Enqueue()
    {
        foreach (PiecePair pair in _grown)
        {
            Enqueue(pair, _counts[pair]);
        }

        _grown.Clear();
    }

    /// <summary>Takes the most frequent pair and the words that may hold it, or returns false when none is frequent enough.</summary>
    public bool TryTakeMostFrequent(out PiecePair pair, out IReadOnlyCollection<int> places)
    {
        while (_queue.TryDequeue(out pair, out (long NegativeCount, int, int) priority))
        {
            long count = _counts.GetValueOrDefault(pair);
            if (count == -priority.NegativeCount)
            {
                _places.Remove(pair, out HashSet<int>? found);
                places = found!;
                return true;
            }

            Enqueue(pair, count);
        }

        places = [];
        return false;
    }

    private void Enqueue(PiecePair pair, long count)
    {
        if (count >= minFrequency)
        {
            _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
        }
    }
}
