namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>
/// The outcomes of each row other than true negatives, as short lists: a resample then costs one addition
/// per true or predicted label of its rows (about 2 per row) instead of one per label (28).
/// </summary>
internal sealed class RowOutcomes
{
    /// <summary>True positives, false positives and false negatives, in this order.</summary>
    public const int KindCount = 3;

    private readonly int[] _rowStarts;
    private readonly int[] _slots;
    private readonly bool[] _isExact;

    private RowOutcomes(int labelCount, int[] rowStarts, int[] slots, bool[] isExact)
    {
        LabelCount = labelCount;
        _rowStarts = rowStarts;
        _slots = slots;
        _isExact = isExact;
    }

    public int LabelCount { get; }

    public int RowCount => _isExact.Length;

    public static RowOutcomes Collect(ReadOnlySpan<bool> predicted, ReadOnlySpan<bool> truth, int labelCount)
    {
        int rowCount = predicted.Length / labelCount;
        int[] rowStarts = new int[rowCount + 1];
        bool[] isExact = new bool[rowCount];
        var slots = new List<int>();
        for (int row = 0; row < rowCount; row++)
        {
            ReadOnlySpan<bool> rowPredicted = predicted.Slice(row * labelCount, labelCount);
            ReadOnlySpan<bool> rowTruth = truth.Slice(row * labelCount, labelCount);
            isExact[row] = rowPredicted.SequenceEqual(rowTruth);
            for (int label = 0; label < labelCount; label++)
            {
                if (rowPredicted[label] || rowTruth[label])
                {
                    int kind = !rowTruth[label] ? 1 : rowPredicted[label] ? 0 : 2;
                    slots.Add((label * KindCount) + kind);
                }
            }

            rowStarts[row + 1] = slots.Count;
        }

        return new RowOutcomes(labelCount, rowStarts, [.. slots], isExact);
    }

    /// <summary>The counts of one label in the sums that <see cref="Sum"/> filled; true negatives are left at 0.</summary>
    public static DecisionCounts Counts(ReadOnlySpan<long> sums, int label)
    {
        ReadOnlySpan<long> kinds = sums.Slice(label * KindCount, KindCount);
        return new DecisionCounts(kinds[0], kinds[1], kinds[2], TrueNegatives: 0);
    }

    /// <summary>Adds up the outcomes of rows, each as often as it was drawn, and returns how many drawn rows are wholly right.</summary>
    public int Sum(ReadOnlySpan<int> draws, Span<long> sums)
    {
        sums.Clear();
        int exactRows = 0;
        for (int row = 0; row < draws.Length; row++)
        {
            int times = draws[row];
            if (times == 0)
            {
                continue;
            }

            exactRows += _isExact[row] ? times : 0;
            foreach (int slot in _slots.AsSpan(_rowStarts[row].._rowStarts[row + 1]))
            {
                sums[slot] += times;
            }
        }

        return exactRows;
    }
}
