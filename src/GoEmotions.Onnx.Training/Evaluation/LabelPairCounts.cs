namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>A number of rows for each pair of labels, shape <c>[labels, labels]</c>. Immutable and thread-safe.</summary>
public sealed class LabelPairCounts
{
    private readonly int[] _counts;

    internal LabelPairCounts(int labelCount, int[] counts)
    {
        LabelCount = labelCount;
        _counts = counts;
    }

    /// <summary>The number of labels.</summary>
    public int LabelCount { get; }

    /// <summary>The number of rows of the pair.</summary>
    /// <param name="first">The first label's index.</param>
    /// <param name="second">The second label's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside its range.</exception>
    public int this[int first, int second]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)first, (uint)LabelCount, nameof(first));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)second, (uint)LabelCount, nameof(second));
            return _counts[(first * LabelCount) + second];
        }
    }
}
