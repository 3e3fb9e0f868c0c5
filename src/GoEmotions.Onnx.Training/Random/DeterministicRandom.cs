namespace GoEmotions.Onnx.Training.Random;

/// <summary>
/// The generator xoshiro256** 1.0 (Blackman and Vigna 2018, https://prng.di.unimi.it/), seeded by SplitMix64:
/// the same seed gives the same numbers on every machine and runtime. Mutable and not thread-safe.
/// </summary>
internal struct DeterministicRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    public DeterministicRandom(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    /// <summary>The generator number <paramref name="stream"/> of a seed: work split over threads draws from one stream per piece of work.</summary>
    public static DeterministicRandom ForStream(ulong seed, ulong stream)
    {
        ulong mixed = seed;
        ulong seedHash = SplitMix64(ref mixed);
        return new DeterministicRandom(seedHash ^ (stream * 0xD1342543DE82EF95));
    }

    public ulong NextUInt64()
    {
        ulong result = ulong.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = ulong.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A whole number in [0, <paramref name="bound"/>), every one equally likely (Lemire 2019, arXiv:1805.10941).</summary>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        uint range = (uint)bound;
        ulong product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            uint rejectedBelow = (uint)-bound % range;
            while ((uint)product < rejectedBelow)
            {
                product = (NextUInt64() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    private static ulong SplitMix64(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
