namespace GoEmotions.Onnx.Training;

/// <summary>A random number for each token of each batch that depends on seed, step and place alone, so that a resumed training draws what the uninterrupted one would have drawn.</summary>
internal static class TokenDraw
{
    /// <summary>A number in [0, 1), a multiple of 2^-53: SplitMix64's output at a counter of the step's own sequence.</summary>
    public static double At(ulong seed, ulong step, int position)
    {
        ulong key = DeterministicRandom.Mix(seed + (0x9E3779B97F4A7C15 * DeterministicRandom.Mix(step + 0x9E3779B97F4A7C15)));
        ulong bits = DeterministicRandom.Mix(key + (0x9E3779B97F4A7C15 * ((ulong)position + 1)));
        return (bits >> 11) * (1.0 / (1UL << 53));
    }
}
