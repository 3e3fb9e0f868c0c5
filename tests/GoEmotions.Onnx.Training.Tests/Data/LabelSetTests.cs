using FsCheck.Xunit;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class LabelSetTests
{
    [Property]
    public bool LabelSet_AnyIndices_BehavesLikeASet(byte[] numbers)
    {
        int[] indices = [.. numbers.Select(number => (int)number)];
        var set = LabelSet.Create(indices);
        var expected = new SortedSet<int>(indices);
        return set.ToArray().SequenceEqual(expected)
            && set.Count == expected.Count
            && set.IsEmpty == (expected.Count == 0)
            && Enumerable.Range(-1, 300).All(index => set.Contains(index) == expected.Contains(index))
            && set == LabelSet.Create([.. indices.Reverse()])
            && set.GetHashCode() == LabelSet.Create([.. indices.Reverse()]).GetHashCode()
            && (set != set.Add(256));
    }

    [Fact]
    public void CopyTo_Destination_HoldsOnesAtTheLabels()
    {
        float[] values = [7, 7, 7, 7];
        LabelSet.Create(1, 3).CopyTo(values);
        Assert.Equal([0, 1, 0, 1], values);
    }

    [Fact]
    public void CopyTo_ShortDestination_IsRefused()
    {
        string message = Assert.Throws<ArgumentException>(() => LabelSet.Create(4).CopyTo(new float[4])).Message;
        Assert.StartsWith("'destination' has 4 elements, expected more than 4, the highest label of the set. Pass one element for each label.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_NegativeIndex_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LabelSet.Create(-1));
    }

    [Fact]
    public void LabelSet_FewLabels_AllocatesNothing()
    {
        LabelSet set = LabelSet.Create(3, 40, 63);
        _ = Sum(set);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int sum = Sum(set.Add(5));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(3 + 5 + 40 + 63, sum);
    }

    private static int Sum(LabelSet set)
    {
        int sum = 0;
        foreach (int label in set)
        {
            sum += label;
        }

        return sum;
    }
}
