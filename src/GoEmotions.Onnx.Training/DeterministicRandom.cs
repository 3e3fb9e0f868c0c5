using System.Numerics;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// A generator of random numbers whose sequence is fixed by its seed on every machine and in every version of .NET,
/// which <see cref="Random"/> does not promise. Not thread-safe, and not for secrets.
/// </summary>
/// <remarks>
/// xoshiro256** of Blackman and Vigna (2018, https://prng.di.unimi.it), its state filled by SplitMix64 as its authors advise.
/// </remarks>
public sealed class DeterministicRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Starts the sequence of a seed.</summary>
    /// <param name="seed">Any number; different seeds give unrelated sequences.</param>
    public DeterministicRandom(long seed)
    {
        ulong state = unchecked((ulong)seed);
        _s0 = NextSplitMix64(ref state);
        _s1 = NextSplitMix64(ref state);
        _s2 = NextSplitMix64(ref state);
        _s3 = NextSplitMix64(ref state);
    }

    internal DeterministicRandom(ulong s0, ulong s1, ulong s2, ulong s3)
    {
        (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);
    }

    /// <summary>A generator for one of many independent parts of a work, such as the resamples of a bootstrap: the parts may then run in any order.</summary>
    /// <param name="seed">The seed of the whole work.</param>
    /// <param name="stream">The part.</param>
    internal static DeterministicRandom ForStream(ulong seed, ulong stream)
    {
        ulong mixed = seed;
        ulong seedHash = NextSplitMix64(ref mixed);
        return new DeterministicRandom(unchecked((long)(seedHash ^ (stream * 0xD1342543DE82EF95))));
    }

    /// <summary>The next 64 random bits.</summary>
    /// <returns>A number that is uniform over all values of <see cref="ulong"/>.</returns>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A random number in [0, <paramref name="end"/>), without bias.</summary>
    /// <param name="end">The exclusive bound, positive.</param>
    /// <returns>The number.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="end"/> is not positive.</exception>
    public int Next(int end)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(end);

        // Lemire, "Fast Random Integer Generation in an Interval" (2019), algorithm 5.
        ulong bound = (ulong)end;
        ulong high = Math.BigMul(NextUInt64(), bound, out ulong low);
        if (low < bound)
        {
            ulong threshold = unchecked(0 - bound) % bound;
            while (low < threshold)
            {
                high = Math.BigMul(NextUInt64(), bound, out low);
            }
        }

        return (int)high;
    }

    /// <summary>A random number in [0, 1), a multiple of 2^-53.</summary>
    /// <returns>The number.</returns>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Brings items into a random order (Fisher and Yates), every order being equally likely.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="items">The items, reordered in place.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int end = items.Length; end > 1; end--)
        {
            int index = Next(end);
            (items[index], items[end - 1]) = (items[end - 1], items[index]);
        }
    }

    /// <summary>One step of SplitMix64 (Steele, Lea and Flood 2014).</summary>
    internal static ulong NextSplitMix64(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        return Mix(state);
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators, figure 16).</summary>
    internal static ulong Mix(ulong value)
    {
        ulong mixed = value;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
