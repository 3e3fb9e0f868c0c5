using System.Numerics.Tensors;

namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>The Euclidean norm of all gradients together.</summary>
internal static class GradientNorm
{
    /// <summary>Elements whose squares one task adds; the sums are added in their order, so that the norm does not depend on the number of threads.</summary>
    private const int Chunk = 1 << 16;

    public static double Of(ParameterBuffers buffers, ParallelOptions parallel)
    {
        int chunks = (buffers.TrainedLength + Chunk - 1) / Chunk;
        var sums = new double[chunks];
        Parallel.For(0, chunks, parallel, chunk =>
        {
            int start = chunk * Chunk;
            sums[chunk] = TensorPrimitives.SumOfSquares<float>(buffers.Gradients.Slice(start, Math.Min(Chunk, buffers.TrainedLength - start)));
        });
        double sum = 0;
        foreach (double part in sums)
        {
            sum += part;
        }

        return Math.Sqrt(sum);
    }
}
