namespace GoEmotions.Onnx.Training.Data;

/// <summary>
/// Iterative stratification of multi-label data: Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data" (2011),
/// algorithm 1. The rarest label goes first, each of its examples to the part that still wants most of it.
/// </summary>
/// <remarks>
/// Two choices of ours: a part that is full takes no more, so that sizes are exact, and what a part still wants is counted in whole numbers
/// (times the number of examples), so that no rounding can differ between machines.
/// </remarks>
internal sealed class IterativeStratification
{
    private readonly EmotionDataset _dataset;
    private readonly DeterministicRandom _random;
    private readonly int[] _partOfExample;
    private readonly int[] _free;
    private readonly long[,] _wanted;
    private readonly int[] _remaining;

    private IterativeStratification(EmotionDataset dataset, ReadOnlySpan<int> sizes, DeterministicRandom random)
    {
        _dataset = dataset;
        _random = random;
        _free = sizes.ToArray();
        _remaining = dataset.CountLabels();
        _partOfExample = new int[dataset.Count];
        Array.Fill(_partOfExample, -1);
        _wanted = new long[sizes.Length, _remaining.Length];
        for (int part = 0; part < sizes.Length; part++)
        {
            for (int label = 0; label < _remaining.Length; label++)
            {
                _wanted[part, label] = (long)_remaining[label] * sizes[part];
            }
        }
    }

    /// <summary>Gives each example a part.</summary>
    /// <param name="dataset">The examples.</param>
    /// <param name="sizes">The sizes of the parts, together the size of the data set.</param>
    /// <param name="random">Decides the order of the examples and between parts that want one equally.</param>
    /// <returns>The part of each example.</returns>
    public static int[] Assign(EmotionDataset dataset, ReadOnlySpan<int> sizes, DeterministicRandom random)
    {
        var stratification = new IterativeStratification(dataset, sizes, random);
        stratification.AssignLabelled();
        stratification.AssignRest();
        return stratification._partOfExample;
    }

    private void AssignLabelled()
    {
        List<int>[] examplesOfLabel = ShuffledExamplesOfLabels();
        for (int label = RarestLabel(); label >= 0; label = RarestLabel())
        {
            foreach (int example in examplesOfLabel[label])
            {
                if (_partOfExample[example] < 0)
                {
                    Assign(example, PartThatWantsMost(label));
                }
            }
        }
    }

    private List<int>[] ShuffledExamplesOfLabels()
    {
        int[] order = new int[_dataset.Count];
        for (int index = 0; index < order.Length; index++)
        {
            order[index] = index;
        }

        _random.Shuffle(order.AsSpan());
        var examplesOfLabel = new List<int>[_remaining.Length];
        for (int label = 0; label < examplesOfLabel.Length; label++)
        {
            examplesOfLabel[label] = new List<int>(_remaining[label]);
        }

        foreach (int example in order)
        {
            foreach (int label in _dataset[example].Labels)
            {
                examplesOfLabel[label].Add(example);
            }
        }

        return examplesOfLabel;
    }

    /// <summary>The label with the fewest examples left to assign, the first of equals; -1 when none has any.</summary>
    private int RarestLabel()
    {
        int rarest = -1;
        for (int label = 0; label < _remaining.Length; label++)
        {
            if (_remaining[label] > 0 && (rarest < 0 || _remaining[label] < _remaining[rarest]))
            {
                rarest = label;
            }
        }

        return rarest;
    }

    /// <summary>Among the parts with room: the one that wants most of the label, then the one with most room, then by lot.</summary>
    private int PartThatWantsMost(int label)
    {
        int best = -1;
        int equals = 0;
        for (int part = 0; part < _free.Length; part++)
        {
            if (_free[part] == 0)
            {
                continue;
            }

            int order = best < 0 ? 1 : (_wanted[part, label], _free[part]).CompareTo((_wanted[best, label], _free[best]));
            equals = order > 0 ? 1 : order == 0 ? equals + 1 : equals;
            if (order > 0 || (order == 0 && _random.Next(equals) == 0))
            {
                best = part;
            }
        }

        return best;
    }

    private void Assign(int example, int part)
    {
        _partOfExample[example] = part;
        _free[part]--;
        foreach (int label in _dataset[example].Labels)
        {
            _remaining[label]--;
            _wanted[part, label] -= _dataset.Count;
        }
    }

    /// <summary>Examples without a label fill the free places, every place being equally likely.</summary>
    private void AssignRest()
    {
        int free = _free.Sum();
        for (int example = 0; example < _partOfExample.Length; example++)
        {
            if (_partOfExample[example] < 0)
            {
                int place = _random.Next(free--);
                int part = 0;
                while (place >= _free[part])
                {
                    place -= _free[part++];
                }

                Assign(example, part);
            }
        }
    }
}
