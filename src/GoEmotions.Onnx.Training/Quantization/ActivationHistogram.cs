using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Serving;

namespace GoEmotions.Onnx.Training.Quantization;

/// <summary>The values of an activation: first their ends, then, in a second pass, how often each part between them occurs. Not thread-safe.</summary>
internal sealed class ActivationHistogram
{
    private const int BinCount = 4096;

    /// <summary>Levels of a uint8 code.</summary>
    private const int LevelCount = 256;

    private readonly long[] _bins = new long[BinCount];
    private float _minimum = float.PositiveInfinity;
    private float _maximum = float.NegativeInfinity;

    public ActivationRange MinMax => new(_minimum, _maximum);

    private double BinWidth => ((double)_maximum - _minimum) / BinCount;

    public void ObserveEnds(ReadOnlySpan<float> values)
    {
        // A value that is no number passes through both, and the range is refused where it is used.
        _minimum = TensorPrimitives.Min([_minimum, TensorPrimitives.Min(values)]);
        _maximum = TensorPrimitives.Max([_maximum, TensorPrimitives.Max(values)]);
    }

    public void Count(ReadOnlySpan<float> values)
    {
        double perUnit = BinWidth > 0 ? 1 / BinWidth : 0;
        foreach (float value in values)
        {
            _bins[Math.Clamp((int)((value - _minimum) * perUnit), 0, BinCount - 1)]++;
        }
    }

    /// <summary>The range without a share of the values at each end.</summary>
    /// <param name="share">In [0, 0.5).</param>
    public ActivationRange Without(double share)
    {
        (int first, int end) = BinsWithout(share);
        return RangeOf(first, end);
    }

    /// <summary>Among ranges that cut 0 to 1% of the values at each end, the one with the least divergence.</summary>
    public ActivationRange LeastDivergence()
    {
        const int Candidates = 64;
        const double LargestShare = 0.01;
        const double SmallestShare = 1e-7;
        (double Divergence, ActivationRange Range) best = (Divergence(0, BinCount), MinMax);
        for (int candidate = 0; candidate < Candidates; candidate++)
        {
            double share = LargestShare * Math.Pow(SmallestShare / LargestShare, (double)candidate / (Candidates - 1));
            (int first, int end) = BinsWithout(share);
            double divergence = Divergence(first, end);
            if (divergence < best.Divergence)
            {
                best = (divergence, RangeOf(first, end));
            }
        }

        return best.Range;
    }

    private (int First, int End) BinsWithout(double share)
    {
        long cut = (long)(share * _bins.Sum());
        int first = 0;
        for (long below = _bins[0]; below <= cut && first < BinCount - 1; below += _bins[first])
        {
            first++;
        }

        int end = BinCount;
        for (long above = _bins[BinCount - 1]; above <= cut && end > first + 1; above += _bins[end - 1])
        {
            end--;
        }

        return (first, end);
    }

    private ActivationRange RangeOf(int first, int end) => new(
        first == 0 ? _minimum : (float)(_minimum + (first * BinWidth)),
        end == BinCount ? _maximum : (float)(_minimum + (end * BinWidth)));

    // KL(P || Q): P is the distribution with what lies outside added to the end bins, Q what 256 levels leave of it: the mass of a
    // level, spread evenly over its bins that are not empty. Q is made of the values inside alone, so that cutting many costs.
    private double Divergence(int first, int end)
    {
        int width = end - first;
        if (width < LevelCount)
        {
            return double.PositiveInfinity;
        }

        long total = _bins.Sum();
        long inside = _bins.AsSpan(first, width).ToArray().Sum();
        double divergence = 0;
        for (int level = 0; level < LevelCount; level++)
        {
            int start = first + (int)((long)width * level / LevelCount);
            int stop = first + (int)((long)width * (level + 1) / LevelCount);
            long mass = 0;
            int occupied = 0;
            for (int bin = start; bin < stop; bin++)
            {
                mass += _bins[bin];
                occupied += _bins[bin] > 0 ? 1 : 0;
            }

            for (int bin = start; bin < stop; bin++)
            {
                double p = _bins[bin];
                p += bin == first ? Below(first) : 0;
                p += bin == end - 1 ? Above(end) : 0;
                if (p > 0)
                {
                    // An end bin that only holds what was cut has no mass in Q: the least there can be.
                    double q = _bins[bin] > 0 ? (double)mass / occupied / inside : 1e-10;
                    divergence += p / total * Math.Log(p / total / q);
                }
            }
        }

        return divergence;
    }

    private long Below(int bin) => bin == 0 ? 0 : _bins[..bin].Sum();

    private long Above(int end) => end == BinCount ? 0 : _bins[end..].Sum();
}
