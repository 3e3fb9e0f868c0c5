using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Pretraining;

/// <summary>
/// How a <see cref="MaskedTokenTrainer"/> trains; the defaults are those of the recipe in <c>docs/recipe.md</c>, for encoders of two
/// layers. Checked once, when the trainer is made.
/// </summary>
public sealed record PretrainingOptions
{
    /// <summary>How often every text is seen, with other tokens hidden each time.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>The most optimizer steps, or <see langword="null"/> for all of the epochs.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>The number of texts in a batch.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The longest sequence in tokens, [CLS] and [SEP] included; longer texts are cut.</summary>
    public int MaxLength { get; init; } = 64;

    /// <summary>The probability that a token is hidden and must be predicted, in (0, 1).</summary>
    public double MaskingProbability { get; init; } = 0.2;

    /// <summary>The peak learning rate.</summary>
    public double LearningRate { get; init; } = 1.5e-3;

    /// <summary>The constants of AdamW.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>How the learning rate goes on after the warm-up.</summary>
    public LearningRateScheduleKind Schedule { get; init; } = LearningRateScheduleKind.Linear;

    /// <summary>The part of the steps over which the learning rate rises to its peak, in [0, 1).</summary>
    public double WarmupFraction { get; init; } = 0.1;

    /// <summary>The largest norm of all gradients together, to which a larger one is scaled; <see langword="null"/> for no limit.</summary>
    public double? ClipNorm { get; init; } = 1;

    /// <summary>Whether the configuration's dropout is used.</summary>
    public bool Dropout { get; init; } = true;

    /// <summary>The seed of the head, shuffles, hidden tokens and dropout.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>The threads; <see langword="null"/> for the processors that this process may use.</summary>
    public int? Threads { get; init; }

    /// <summary>The options that pre-training shares with fine-tuning, checked.</summary>
    internal TrainingOptions ToTrainingOptions()
    {
        if (!(MaskingProbability is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(MaskingProbability), MaskingProbability, $"{nameof(MaskingProbability)} is {MaskingProbability}, expected a number in (0, 1).");
        }

        var options = new TrainingOptions
        {
            Epochs = Epochs,
            MaxSteps = MaxSteps,
            BatchSize = BatchSize,
            MaxLength = MaxLength,
            LearningRate = LearningRate,
            Optimizer = Optimizer,
            Schedule = Schedule,
            WarmupFraction = WarmupFraction,
            ClipNorm = ClipNorm,
            Dropout = Dropout,
            Seed = Seed,
            Threads = Threads,
        };
        options.Validate();
        return options;
    }
}
