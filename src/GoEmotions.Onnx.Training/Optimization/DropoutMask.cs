using System.Runtime.Intrinsics;

namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>
/// Dropout masks from a counter: element i of a mask depends only on its key and on i, so that a mask is the same
/// however it is divided among threads, and a resumed training draws what the uninterrupted one would have drawn.
/// </summary>
/// <remarks>
/// The numbers are a 32-bit mix of counter and key (the multiply-xorshift "lowbias32", Wellons 2018, measured there at a
/// bias of 0.17) with a second key word added between its rounds; each gives two elements, 16 bits each, so that the
/// probability is met to 1/65536.
/// </remarks>
internal readonly struct DropoutMask
{
    /// <summary>Elements that one vector of 16 random numbers makes: the low halves first, then the high halves.</summary>
    public const int BlockLength = 32;

    private readonly uint _key0;
    private readonly uint _key1;
    private readonly uint _threshold;
    private readonly float _scale;

    /// <param name="seed">The training's seed.</param>
    /// <param name="stream">What tells this mask from all others of the training, such as a count of micro-batches and the place in the graph.</param>
    /// <param name="probability">The probability that an element is dropped, in [0, 1).</param>
    public DropoutMask(ulong seed, ulong stream, float probability)
    {
        ulong key = DeterministicRandom.Mix(seed + (0x9E3779B97F4A7C15 * (DeterministicRandom.Mix(stream) | 1)));
        _key0 = (uint)key;
        _key1 = (uint)(key >> 32);
        _threshold = (uint)Math.Round(probability * 65536.0);
        _scale = 1 / (1 - (_threshold / 65536f));
    }

    /// <summary>What a kept element is multiplied by: 1 / (1 - probability).</summary>
    public float Scale => _scale;

    /// <summary>Writes the elements from <paramref name="start"/> on: 0 where dropped, <see cref="Scale"/> where kept.</summary>
    /// <param name="mask">The destination.</param>
    /// <param name="start">The index of its first element; a multiple of <see cref="BlockLength"/>.</param>
    public void Fill(Span<float> mask, int start)
    {
        Vector512<uint> lanes = Vector512.Create(0u, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        Vector512<uint> lowHalf = Vector512.Create(0xFFFFu);
        Vector512<uint> threshold = Vector512.Create(_threshold);
        Vector512<float> scale = Vector512.Create(_scale);
        uint counter = (uint)start / 2;
        int index = 0;
        for (; index <= mask.Length - BlockLength; index += BlockLength, counter += BlockLength / 2)
        {
            Vector512<uint> random = Random(lanes + Vector512.Create(counter));
            Vector512<uint> keepLow = Vector512.GreaterThanOrEqual(random & lowHalf, threshold);
            Vector512<uint> keepHigh = Vector512.GreaterThanOrEqual(random >>> 16, threshold);
            (keepLow.AsSingle() & scale).CopyTo(mask[index..]);
            (keepHigh.AsSingle() & scale).CopyTo(mask[(index + (BlockLength / 2))..]);
        }

        for (; index < mask.Length; index++)
        {
            mask[index] = ElementAt(start + index);
        }
    }

    /// <summary>One element: what <see cref="Fill"/> must equal.</summary>
    internal float ElementAt(int index)
    {
        int inBlock = index % BlockLength;
        uint random = Random((uint)((index / BlockLength * (BlockLength / 2)) + (inBlock % (BlockLength / 2))));
        uint half = inBlock < BlockLength / 2 ? random & 0xFFFF : random >> 16;
        return half >= _threshold ? _scale : 0;
    }

    private uint Random(uint counter)
    {
        uint x = counter ^ _key0;
        x ^= x >> 16;
        x *= 0x7FEB352D;
        x += _key1;
        x ^= x >> 15;
        x *= 0x846CA68B;
        return x ^ (x >> 16);
    }

    private Vector512<uint> Random(Vector512<uint> counter)
    {
        Vector512<uint> x = counter ^ Vector512.Create(_key0);
        x ^= x >>> 16;
        x *= Vector512.Create(0x7FEB352Du);
        x += Vector512.Create(_key1);
        x ^= x >>> 15;
        x *= Vector512.Create(0x846CA68Bu);
        return x ^ (x >>> 16);
    }
}
