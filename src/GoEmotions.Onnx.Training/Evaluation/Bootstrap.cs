namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>
/// Percentile bootstrap over rows (Efron 1979; Efron and Tibshirani 1993, chapter 13): rows are drawn with replacement,
/// the metrics computed of each draw, and the ends of the interval read off the sorted values. Stateless and thread-safe.
/// </summary>
public static class Bootstrap
{
    private const int MicroColumn = 0;
    private const int MacroColumn = 1;
    private const int WeightedColumn = 2;
    private const int SubsetColumn = 3;
    private const int FirstLabelColumn = 4;

    /// <summary>Draws confidence intervals for the F1 scores and subset accuracy of given decisions.</summary>
    /// <param name="predicted">The decisions, shape <c>[rows, labels]</c>, row-major.</param>
    /// <param name="truth">The truth, of the same shape.</param>
    /// <param name="labelCount">The number of labels.</param>
    /// <param name="options">Resamples, confidence, seed and threads; null for the defaults.</param>
    /// <returns>The intervals, the same for any number of threads.</returns>
    /// <exception cref="ArgumentException">The lengths differ or make no whole rows, or an option is out of its range.</exception>
    public static BootstrapIntervals Intervals(ReadOnlySpan<bool> predicted, ReadOnlySpan<bool> truth, int labelCount, BootstrapOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labelCount, 1);
        ScoreMatrix.CheckSameLength(predicted.Length, nameof(predicted), truth, nameof(truth));
        if (predicted.Length == 0 || predicted.Length % labelCount != 0)
        {
            Throw.Argument($"'predicted' has {predicted.Length} elements, expected rows x {labelCount} labels, at least one row.", nameof(predicted));
        }

        options ??= new BootstrapOptions();
        options.Check();
        double[][] columns = Resample(RowOutcomes.Collect(predicted, truth, labelCount), options);
        return new BootstrapIntervals
        {
            Options = options,
            MicroF1 = Interval(columns[MicroColumn], options.Confidence),
            MacroF1 = Interval(columns[MacroColumn], options.Confidence),
            WeightedF1 = Interval(columns[WeightedColumn], options.Confidence),
            SubsetAccuracy = Interval(columns[SubsetColumn], options.Confidence),
            PerLabelF1 = [.. columns.Skip(FirstLabelColumn).Select(column => Interval(column, options.Confidence))],
        };
    }

    /// <summary>The value of each metric (outer) in each resample (inner).</summary>
    private static double[][] Resample(RowOutcomes outcomes, BootstrapOptions options)
    {
        double[][] columns = new double[FirstLabelColumn + outcomes.LabelCount][];
        for (int column = 0; column < columns.Length; column++)
        {
            columns[column] = new double[options.Resamples];
        }

        // Every resample has its own stream of random numbers and its own slots: threads share nothing that could change the result.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads == 0 ? Environment.ProcessorCount : options.Threads };
        Parallel.For(
            0,
            options.Resamples,
            parallel,
            () => (Draws: new int[outcomes.RowCount], Sums: new long[outcomes.LabelCount * RowOutcomes.KindCount]),
            (resample, _, scratch) =>
            {
                var random = DeterministicRandom.ForStream(options.Seed, (ulong)resample);
                Draw(random, scratch.Draws);
                int exactRows = outcomes.Sum(scratch.Draws, scratch.Sums);
                Store(columns, resample, scratch.Sums, (double)exactRows / outcomes.RowCount);
                return scratch;
            },
            static _ => { });
        return columns;
    }

    private static void Draw(DeterministicRandom random, int[] draws)
    {
        Array.Clear(draws);
        for (int draw = 0; draw < draws.Length; draw++)
        {
            draws[random.Next(draws.Length)]++;
        }
    }

    private static void Store(double[][] columns, int resample, ReadOnlySpan<long> sums, double subsetAccuracy)
    {
        DecisionCounts pooled = default;
        double f1Sum = 0;
        double weightedSum = 0;
        int labelCount = columns.Length - FirstLabelColumn;
        for (int label = 0; label < labelCount; label++)
        {
            DecisionCounts counts = RowOutcomes.Counts(sums, label);
            pooled += counts;
            f1Sum += counts.F1;
            weightedSum += counts.F1 * counts.Support;
            columns[FirstLabelColumn + label][resample] = counts.F1;
        }

        columns[MicroColumn][resample] = pooled.F1;
        columns[MacroColumn][resample] = f1Sum / labelCount;
        columns[WeightedColumn][resample] = pooled.Support == 0 ? 0 : weightedSum / pooled.Support;
        columns[SubsetColumn][resample] = subsetAccuracy;
    }

    private static ConfidenceInterval Interval(double[] values, double confidence)
    {
        Array.Sort(values);
        return new ConfidenceInterval(Quantile(values, (1 - confidence) / 2), Quantile(values, (1 + confidence) / 2));
    }

    /// <summary>Linear between neighbours at position q (n - 1), as numpy's default (Hyndman and Fan 1996, definition 7).</summary>
    private static double Quantile(double[] ascending, double fraction)
    {
        double position = fraction * (ascending.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, ascending.Length - 1);
        return ascending[below] + ((position - below) * (ascending[above] - ascending[below]));
    }
}
