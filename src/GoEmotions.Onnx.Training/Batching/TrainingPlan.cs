namespace GoEmotions.Onnx.Training.Batching;

/// <summary>Which texts each optimizer step of a training sees, and after which steps it is evaluated: a function of the data and the options alone. Immutable.</summary>
internal sealed class TrainingPlan
{
    // By epoch, step and batch: the examples.
    private readonly int[][][][] _epochs;
    private readonly int[] _epochEnds;
    private readonly int? _evaluationSteps;

    public TrainingPlan(IReadOnlyList<int> lengths, TrainingOptions options)
    {
        _epochs = [.. Enumerable.Range(0, options.Epochs).Select(epoch => LengthGroupedBatches.Plan(lengths, options.BatchSize, options.MaxBatchTokens, options.Seed, epoch).Chunk(options.AccumulationSteps).ToArray())];
        _epochEnds = new int[_epochs.Length];
        int end = 0;
        for (int epoch = 0; epoch < _epochs.Length; epoch++)
        {
            _epochEnds[epoch] = end = checked(end + _epochs[epoch].Length);
        }

        StepCount = Math.Min(end, options.MaxSteps ?? int.MaxValue);
        _evaluationSteps = options.EvaluationSteps;
    }

    /// <summary>The number of optimizer steps.</summary>
    public int StepCount { get; }

    /// <summary>The epoch of a step, from 0.</summary>
    /// <param name="stepIndex">The number of steps before it.</param>
    public int EpochOf(int stepIndex)
    {
        int found = Array.BinarySearch(_epochEnds, stepIndex);
        return found < 0 ? ~found : found + 1;
    }

    /// <summary>The indices of the examples of each batch of a step.</summary>
    /// <param name="stepIndex">The number of steps before it.</param>
    public ReadOnlySpan<int[]> Batches(int stepIndex)
    {
        int epoch = EpochOf(stepIndex);
        return _epochs[epoch][stepIndex - (epoch == 0 ? 0 : _epochEnds[epoch - 1])];
    }

    /// <summary>Whether an evaluation follows a step: every so many, or at each epoch's end, and after the last.</summary>
    /// <param name="stepNumber">The step, from 1.</param>
    public bool EvaluatesAfter(int stepNumber) =>
        stepNumber == StepCount || (_evaluationSteps is int steps ? stepNumber % steps == 0 : Array.BinarySearch(_epochEnds, stepNumber) >= 0);
}
