namespace GoEmotions.Onnx.Training.Data;

/// <summary>Divides data sets and draws samples, the same rows for the same seed on every machine. Parts keep the order of the data set.</summary>
public static class DatasetSplitter
{
    /// <summary>Divides a data set into training, development and, where asked for, test examples.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="options">How; <see langword="null"/> for the notebook's random 80/20.</param>
    /// <returns>The parts: disjoint, together the whole data set, of exactly the sizes asked for.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="dataset"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A fraction is out of range.</exception>
    /// <exception cref="ArgumentException">The data set is too small to leave an example in each part.</exception>
    public static DatasetSplit Split(EmotionDataset dataset, SplitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options ??= new SplitOptions();
        int[] sizes = Sizes(dataset.Count, options);
        var random = new DeterministicRandom(options.Seed);
        int[] partOfExample = options.Method switch
        {
            SplitMethod.Random => AssignRandomly(dataset.Count, sizes, random),
            SplitMethod.Stratified => IterativeStratification.Assign(dataset, sizes, random),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Method, "the split method is unknown, expected Random or Stratified."),
        };
        return new DatasetSplit
        {
            Train = dataset.Select(IndicesOf(partOfExample, 0)),
            Dev = dataset.Select(IndicesOf(partOfExample, 1)),
            Test = sizes.Length > 2 ? dataset.Select(IndicesOf(partOfExample, 2)) : null,
        };
    }

    /// <summary>Draws examples at random, without replacement.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="count">How many, from 1 to the size of the data set.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The examples drawn, in the order of the data set.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="dataset"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    public static EmotionDataset Sample(EmotionDataset dataset, int count, long seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (count < 1 || count > dataset.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"the sample has {count} examples, expected 1 to {dataset.Count}, the size of the data set. Ask for fewer, or for all by leaving it out.");
        }

        int[] drawn = AssignRandomly(dataset.Count, [dataset.Count - count, count], new DeterministicRandom(seed));
        return dataset.Select(IndicesOf(drawn, 1));
    }

    /// <summary>The sizes of train, dev and, with a test fraction, test: rounded up for the last two, as scikit-learn's <c>train_test_split</c> does.</summary>
    private static int[] Sizes(int count, SplitOptions options)
    {
        if (!(options.DevFraction > 0 && options.DevFraction < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.DevFraction, "the development fraction must lie in (0, 1), such as 0.2.");
        }

        if (!(options.TestFraction >= 0 && options.DevFraction + options.TestFraction < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.TestFraction, "the test fraction must lie in [0, 1) and leave something to train on.");
        }

        int dev = RoundUp(options.DevFraction * count);
        int test = RoundUp(options.TestFraction * count);
        int train = count - dev - test;
        if (train < 1)
        {
            Throw.Argument($"'dataset' has {count} {(count == 1 ? "example" : "examples")}, of which development takes {dev}{(test > 0 ? $" and the test {test}" : "")}: expected at least one to train on. Pass more data or smaller fractions.", "dataset");
        }

        return options.TestFraction > 0 ? [train, dev, test] : [train, dev];
    }

    /// <summary>Rounds up what is more than a rounding error above a whole number: 0.07 * 100 is 7.000000000000001.</summary>
    private static int RoundUp(double size) => (int)Math.Ceiling(Math.Round(size, 6));

    private static int[] AssignRandomly(int count, ReadOnlySpan<int> sizes, DeterministicRandom random)
    {
        int[] order = new int[count];
        for (int index = 0; index < count; index++)
        {
            order[index] = index;
        }

        random.Shuffle(order.AsSpan());
        int[] partOfExample = new int[count];
        int position = sizes[0];
        for (int part = 1; part < sizes.Length; part++)
        {
            for (int end = position + sizes[part]; position < end; position++)
            {
                partOfExample[order[position]] = part;
            }
        }

        return partOfExample;
    }

    private static int[] IndicesOf(ReadOnlySpan<int> partOfExample, int part)
    {
        int[] indices = new int[partOfExample.Count(part)];
        int position = 0;
        for (int index = 0; index < partOfExample.Length; index++)
        {
            if (partOfExample[index] == part)
            {
                indices[position++] = index;
            }
        }

        return indices;
    }
}
