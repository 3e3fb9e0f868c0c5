using System.Runtime.InteropServices;

namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>
/// Scores with their truth, sorted once, from the highest score down, equal scores in one group:
/// what ROC AUC, average precision, precision-recall curves and the threshold search all walk.
/// </summary>
internal sealed class RankedScores
{
    private readonly List<ScoreGroup> _groups;

    private RankedScores(List<ScoreGroup> groups)
    {
        _groups = groups;
        Count = groups.Count == 0 ? 0 : groups[^1].Predicted;
        Positives = groups.Count == 0 ? 0 : groups[^1].TruePositives;
    }

    public int Count { get; }

    public int Positives { get; }

    /// <summary>From the highest score down.</summary>
    public ReadOnlySpan<ScoreGroup> Groups => CollectionsMarshal.AsSpan(_groups);

    public static RankedScores Rank(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth) => RankColumn(scores, truth, stride: 1, offset: 0);

    /// <summary>Ranks one column of row-major matrices.</summary>
    public static RankedScores RankColumn(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth, int stride, int offset)
    {
        uint[] keys = new uint[scores.Length / stride];
        for (int row = 0, index = offset; row < keys.Length; row++, index += stride)
        {
            keys[row] = Key(scores[index], truth[index]);
        }

        keys.AsSpan().Sort();
        return new RankedScores(Group(keys));
    }

    /// <summary>
    /// The area under the ROC curve: the chance that a true one outranks a false one, ties counting half
    /// (the Mann-Whitney statistic, which is the trapezoid rule over groups of equal scores). Null unless both classes occur.
    /// </summary>
    public double? RocAuc()
    {
        long negatives = Count - Positives;
        if (Positives == 0 || negatives == 0)
        {
            return null;
        }

        // Twice the number of won pairs: at most 2 x 2^30 x 2^30 for arrays of any length, exact in 64 bits.
        long doubledWins = 0;
        ScoreGroup above = default;
        foreach (ScoreGroup group in _groups)
        {
            long falsePositives = (group.Predicted - group.TruePositives) - (above.Predicted - above.TruePositives);
            doubledWins += falsePositives * (above.TruePositives + (long)group.TruePositives);
            above = group;
        }

        return doubledWins / 2.0 / ((double)Positives * negatives);
    }

    /// <summary>
    /// Average precision: the sum over groups of (recall gained) x (precision there), without interpolation.
    /// Null when nothing is true.
    /// </summary>
    public double? AveragePrecision()
    {
        if (Positives == 0)
        {
            return null;
        }

        double sum = 0;
        int truePositivesAbove = 0;
        foreach (ScoreGroup group in _groups)
        {
            sum += (group.TruePositives - truePositivesAbove) * ((double)group.TruePositives / group.Predicted);
            truePositivesAbove = group.TruePositives;
        }

        return sum / Positives;
    }

    /// <summary>F1 when every score at or above a threshold is predicted; 0 when that is 0 / 0.</summary>
    public double F1At(float threshold)
    {
        ScoreGroup lowest = default;
        foreach (ScoreGroup group in _groups)
        {
            if (group.Score < threshold)
            {
                break;
            }

            lowest = group;
        }

        return lowest.TruePositives == 0 ? 0 : lowest.F1(Positives);
    }

    // The bits of non-negative floats order as the floats do, and those in [0, 1] leave the highest bits free:
    // score and truth fit one 32-bit key. 151,928 keys sort in 18 ms, scores with the truth as items in 27 ms (AMD EPYC 2.6 GHz).
    // Adding zero turns -0 into +0.
    private static uint Key(float score, bool truth) => (BitConverter.SingleToUInt32Bits(score + 0f) << 1) | (truth ? 1u : 0u);

    private static List<ScoreGroup> Group(ReadOnlySpan<uint> ascendingKeys)
    {
        var groups = new List<ScoreGroup>();
        int truePositives = 0;
        int index = ascendingKeys.Length - 1;
        while (index >= 0)
        {
            uint scoreBits = ascendingKeys[index] >> 1;
            for (; index >= 0 && ascendingKeys[index] >> 1 == scoreBits; index--)
            {
                truePositives += (int)(ascendingKeys[index] & 1);
            }

            groups.Add(new ScoreGroup(BitConverter.UInt32BitsToSingle(scoreBits), truePositives, ascendingKeys.Length - 1 - index));
        }

        return groups;
    }
}
