using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>What is computed over whole blocks, in place: norm, AdamW, sums of gradients. Not thread-safe; it borrows the buffers.</summary>
internal abstract class BlockArithmetic : IDisposable
{
    /// <summary>The Euclidean norm of all gradients together.</summary>
    public abstract double GradientNorm(ParallelOptions parallel);

    /// <summary>Takes an AdamW step over a run of parameters.</summary>
    public abstract void Step(ParameterSegment segment, AdamW step, ParallelOptions parallel);

    /// <summary>
    /// Adds a micro-batch's gradients to the sum of its step: the sum is kept aside until the last one, which leaves it in the block of
    /// gradients.
    /// </summary>
    /// <param name="ranges">The elements to add up, the same at every call; the others are left as they are.</param>
    /// <param name="place">The micro-batch.</param>
    /// <param name="parallel">The threads of what runs on the processor.</param>
    public abstract void Accumulate(IReadOnlyList<Range> ranges, MicroBatch place, ParallelOptions parallel);

    public abstract void Dispose();
}
