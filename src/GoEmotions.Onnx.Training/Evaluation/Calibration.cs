namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>The reliability diagram of scores and the expected calibration error over its bins.</summary>
public sealed class Calibration
{
    /// <summary>The number of bins unless another is asked for, as in Guo et al. 2017 (arXiv:1706.04599).</summary>
    public const int DefaultBinCount = 15;

    private Calibration(CalibrationBin[] bins)
    {
        Bins = bins;
        long count = bins.Sum(bin => bin.Count);
        ExpectedError = count == 0 ? 0 : bins.Sum(bin => bin.Count * bin.Gap) / count;
    }

    /// <summary>Bins of equal width over [0, 1], from the lowest.</summary>
    public IReadOnlyList<CalibrationBin> Bins { get; }

    /// <summary>The mean over all scores of the gap of their bin, in [0, 1] (Guo et al. 2017, equation 3, on the probability of the label rather than of the top class).</summary>
    public double ExpectedError { get; }

    /// <summary>Sorts scores into bins.</summary>
    /// <param name="scores">Probabilities in [0, 1], shape <c>[n]</c>.</param>
    /// <param name="truth">Whether each is true, shape <c>[n]</c>.</param>
    /// <param name="binCount">The number of bins, at least 1.</param>
    /// <returns>The reliability diagram.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a score is outside [0, 1].</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="binCount"/> is below 1.</exception>
    public static Calibration Compute(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth, int binCount = DefaultBinCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 1);
        ScoreMatrix.CheckColumn(scores, truth);
        return ComputeColumn(scores, truth, stride: 1, offset: 0, binCount);
    }

    internal static Calibration ComputeColumn(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth, int stride, int offset, int binCount = DefaultBinCount)
    {
        long[] counts = new long[binCount];
        long[] positives = new long[binCount];
        double[] sums = new double[binCount];
        for (int index = offset; index < scores.Length; index += stride)
        {
            int bin = Math.Min((int)((double)scores[index] * binCount), binCount - 1);
            counts[bin]++;
            positives[bin] += truth[index] ? 1 : 0;
            sums[bin] += scores[index];
        }

        var bins = new CalibrationBin[binCount];
        for (int bin = 0; bin < binCount; bin++)
        {
            double count = Math.Max(counts[bin], 1);
            bins[bin] = new CalibrationBin((double)bin / binCount, (bin + 1.0) / binCount, counts[bin], sums[bin] / count, positives[bin] / count);
        }

        return new Calibration(bins);
    }
}
