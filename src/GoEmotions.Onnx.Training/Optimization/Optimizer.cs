namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>Updates all trained parameters from their gradients: clipping, then AdamW segment by segment, on several threads. Not thread-safe.</summary>
internal sealed class Optimizer(ParameterBuffers buffers, TrainingOptions options, LearningRateSchedule schedule, ParallelOptions parallel)
{
    private const int Chunk = 1 << 16;

    /// <summary>The number of updates so far.</summary>
    public int StepCount { get; set; }

    /// <summary>The norm of all gradients together.</summary>
    public double Norm() => GradientNorm.Of(buffers, parallel);

    /// <summary>Takes a step.</summary>
    /// <param name="norm">The norm of the gradients.</param>
    /// <returns>The encoder's learning rate of this step.</returns>
    public double Step(double norm)
    {
        double factor = schedule.FactorAt(StepCount);
        StepCount++;

        // As PyTorch's clip_grad_norm_: a little below the limit, so that no division by a norm of 0 is possible.
        double scale = options.ClipNorm is double limit ? Math.Min(1, limit / (norm + 1e-6)) : 1;
        foreach (ParameterSegment segment in buffers.Segments)
        {
            double rate = factor * (segment.IsHead ? options.HeadLearningRate ?? options.LearningRate : options.LearningRate);
            var step = new AdamW(options.Optimizer, rate, StepCount, segment.TakesWeightDecay ? options.Optimizer.WeightDecay : 0, scale);
            int chunks = (segment.Length + Chunk - 1) / Chunk;
            Parallel.For(0, chunks, parallel, chunk =>
            {
                int start = segment.Start + (chunk * Chunk);
                int length = Math.Min(Chunk, segment.Start + segment.Length - start);
                step.Step(
                    buffers.Weights.Slice(start, length),
                    buffers.Gradients.Slice(start, length),
                    buffers.FirstMoments.Slice(start, length),
                    buffers.SecondMoments.Slice(start, length));
            });
        }

        return factor * options.LearningRate;
    }
}
