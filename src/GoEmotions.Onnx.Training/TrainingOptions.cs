using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training;

/// <summary>How a <see cref="Trainer"/> trains. Checked once, when the trainer is made.</summary>
public sealed record TrainingOptions
{
    /// <summary>How often every training example is seen.</summary>
    public int Epochs { get; init; } = 4;

    /// <summary>The most optimizer steps, or <see langword="null"/> for all of the epochs.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>The number of texts in a batch.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The largest batch in padded tokens, or <see langword="null"/> for no such limit.</summary>
    public int? MaxBatchTokens { get; init; }

    /// <summary>
    /// The number of batches whose gradients make one optimizer step: that of the mean loss over all their texts, as of one large
    /// batch. Each batch weighs by its texts. The last step of an epoch takes the batches that are left.
    /// </summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>The longest sequence in tokens, [CLS] and [SEP] included; longer texts are cut.</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>The peak learning rate.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>The peak learning rate of the classification head, or <see langword="null"/> for that of the encoder.</summary>
    public double? HeadLearningRate { get; init; }

    /// <summary>The constants of AdamW.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>How the learning rate goes on after the warm-up.</summary>
    public LearningRateScheduleKind Schedule { get; init; } = LearningRateScheduleKind.Linear;

    /// <summary>The part of the steps over which the learning rate rises to its peak, in [0, 1).</summary>
    public double WarmupFraction { get; init; } = 0.1;

    /// <summary>The largest norm of all gradients together, to which a larger one is scaled; <see langword="null"/> for no limit.</summary>
    public double? ClipNorm { get; init; } = 1;

    /// <summary>The loss.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>Whether the configuration's dropout is used.</summary>
    public bool Dropout { get; init; } = true;

    /// <summary>
    /// The probability that a token of a training text is replaced by the unknown token, in [0, 1); drawn anew each time the text is
    /// seen. For encoders that start from random weights: what it brings is in <c>docs/recipe.md</c>.
    /// </summary>
    public double TokenDropout { get; init; }

    /// <summary>Which parameters are trained; <see langword="null"/> for all.</summary>
    public Func<ParameterSpec, bool>? Trains { get; init; }

    /// <summary>Optimizer steps from evaluation to evaluation; <see langword="null"/> for one after each epoch. The last step is followed by one in any case.</summary>
    public int? EvaluationSteps { get; init; }

    /// <summary>The metric by which the best evaluation is chosen.</summary>
    public BestMetric BestMetric { get; init; } = BestMetric.MicroF1;

    /// <summary>The training ends when this many evaluations in a row were no better than the best; <see langword="null"/> for never.</summary>
    public int? Patience { get; init; }

    /// <summary>The seed of shuffles and dropout.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Where the training computes and keeps its parameters.</summary>
    public TrainingDevice Device { get; init; } = TrainingDevice.Cpu;

    /// <summary>The threads; <see langword="null"/> for the processors that this process may use.</summary>
    public int? Threads { get; init; }

    internal void Validate()
    {
        Check(Epochs >= 1, nameof(Epochs), Epochs, "1 or more");
        Check(MaxSteps is null or >= 1, nameof(MaxSteps), MaxSteps, "1 or more");
        Check(BatchSize >= 1, nameof(BatchSize), BatchSize, "1 or more");
        Check(MaxBatchTokens is null or >= 2, nameof(MaxBatchTokens), MaxBatchTokens, "2 or more");
        Check(AccumulationSteps >= 1, nameof(AccumulationSteps), AccumulationSteps, "1 or more");
        Check(MaxLength >= 2, nameof(MaxLength), MaxLength, "2 or more");
        Check(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "a number above 0");
        Check(HeadLearningRate is null || (HeadLearningRate > 0 && double.IsFinite(HeadLearningRate.Value)), nameof(HeadLearningRate), HeadLearningRate, "a number above 0");
        Check(WarmupFraction is >= 0 and < 1, nameof(WarmupFraction), WarmupFraction, "a number in [0, 1)");
        Check(ClipNorm is null or > 0, nameof(ClipNorm), ClipNorm, "a number above 0");
        Check(EvaluationSteps is null or >= 1, nameof(EvaluationSteps), EvaluationSteps, "1 or more");
        Check(TokenDropout is >= 0 and < 1, nameof(TokenDropout), TokenDropout, "a number in [0, 1)");
        Check(Patience is null or >= 1, nameof(Patience), Patience, "1 or more");
        Check(Threads is null or >= 1, nameof(Threads), Threads, "1 or more");
        Check(Enum.IsDefined(Schedule), nameof(Schedule), Schedule, "a known schedule");
        Check(Enum.IsDefined(BestMetric), nameof(BestMetric), BestMetric, "a known metric");
        Optimizer.Validate();
    }

    private static void Check<T>(bool holds, string name, T value, string expected)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, expected {expected}.");
        }
    }
}
