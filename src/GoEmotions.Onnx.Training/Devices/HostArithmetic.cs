using System.Numerics.Tensors;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>Loops over blocks in the host's memory, on several threads. The results do not depend on their number.</summary>
internal sealed class HostArithmetic(ParameterBuffers buffers) : BlockArithmetic
{
    /// <summary>Elements that one task works on.</summary>
    private const int Chunk = 1 << 16;

    private HostBlock? _sum;

    public override double GradientNorm(ParallelOptions parallel)
    {
        var sums = new double[(buffers.TrainedLength + Chunk - 1) / Chunk];
        ForEachChunk(0, buffers.TrainedLength, parallel, (start, length) =>
            sums[start / Chunk] = TensorPrimitives.SumOfSquares<float>(buffers.Gradients.Slice(start, length)));

        // In their order, so that the norm does not depend on the number of threads.
        double sum = 0;
        foreach (double part in sums)
        {
            sum += part;
        }

        return Math.Sqrt(sum);
    }

    public override void Step(ParameterSegment segment, AdamW step, ParallelOptions parallel) =>
        ForEachChunk(segment.Start, segment.Length, parallel, (start, length) => step.Step(
            buffers.Weights.Slice(start, length),
            buffers.Gradients.Slice(start, length),
            buffers.FirstMoments.Slice(start, length),
            buffers.SecondMoments.Slice(start, length)));

    public override void Accumulate(IReadOnlyList<Range> ranges, MicroBatch place, ParallelOptions parallel)
    {
        if (place.IsWhole)
        {
            return;
        }

        _sum ??= new HostBlock(buffers.TrainedLength);
        foreach (Range range in ranges)
        {
            (int rangeStart, int rangeLength) = range.GetOffsetAndLength(buffers.TrainedLength);
            ForEachChunk(rangeStart, rangeLength, parallel, (start, length) =>
            {
                Span<float> gradients = buffers.Gradients.Slice(start, length);
                Span<float> sum = _sum.Span.Slice(start, length);
                if (place.IsFirst)
                {
                    TensorPrimitives.Multiply(gradients, place.Weight, sum);
                }
                else
                {
                    TensorPrimitives.MultiplyAdd(gradients, place.Weight, sum, place.IsLast ? gradients : sum);
                }
            });
        }
    }

    public override void Dispose() => _sum?.Dispose();

    private static void ForEachChunk(int start, int length, ParallelOptions parallel, Action<int, int> apply)
    {
        int chunks = (length + Chunk - 1) / Chunk;
        if (chunks == 1)
        {
            apply(start, length);
            return;
        }

        Parallel.For(0, chunks, parallel, chunk =>
        {
            int offset = chunk * Chunk;
            apply(start + offset, Math.Min(Chunk, length - offset));
        });
    }
}
