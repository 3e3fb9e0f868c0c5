namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>Updates all trained parameters from their gradients: clipping, then AdamW segment by segment. Not thread-safe.</summary>
internal sealed class Optimizer(ParameterBuffers buffers, TrainingOptions options, LearningRateSchedule schedule, ParallelOptions parallel)
{
    /// <summary>The number of updates so far.</summary>
    public int StepCount { get; set; }

    /// <summary>The norm of all gradients together.</summary>
    public double Norm() => buffers.Arithmetic.GradientNorm(parallel);

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
            buffers.Arithmetic.Step(segment, step, parallel);
        }

        return factor * options.LearningRate;
    }
}
