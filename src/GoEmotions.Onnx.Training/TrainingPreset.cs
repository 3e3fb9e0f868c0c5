using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training;

/// <summary>A known recipe: what a training does unless it is told otherwise. Immutable and thread-safe.</summary>
public sealed record TrainingPreset
{
    private TrainingPreset(string name, string description, TrainingOptions options, ThresholdData thresholds)
    {
        Name = name;
        Description = description;
        Options = options;
        Thresholds = thresholds;
    }

    /// <summary>
    /// The project's own recipe, for a small encoder that was pre-trained on the texts themselves (<see cref="Pretraining.MaskedTokenTrainer"/>);
    /// docs/recipe.md has what was tried. The thresholds come from training texts, so that the development split remains a fair measure.
    /// </summary>
    public static TrainingPreset Default { get; } = new(
        "default",
        "small encoders that 'goemotions pretrain' made",
        new TrainingOptions
        {
            Epochs = 6,
            BatchSize = 32,
            MaxLength = 64,
            LearningRate = 7e-4,
            TokenDropout = 0.25,
            Schedule = LearningRateScheduleKind.Linear,
            WarmupFraction = 0.1,
            ClipNorm = 1,
            BestMetric = BestMetric.MeanAveragePrecision,
        },
        ThresholdData.HeldOut);

    /// <summary>
    /// The recipe of the notebook that the project replaces, with Hugging Face's Trainer's defaults where it says nothing:
    /// AdamW, 2e-5, linear without warm-up, weight decay 0.01, norm 1, batches of 8, 5 epochs, the best by micro F1 at 0.5.
    /// </summary>
    public static TrainingPreset Notebook { get; } = new(
        "notebook",
        "the notebook's recipe: batch 8, 2e-5, 5 epochs, thresholds of 0.5",
        new TrainingOptions
        {
            Epochs = 5,
            BatchSize = 8,
            MaxLength = 128,
            LearningRate = 2e-5,
            Optimizer = new AdamWOptions { WeightDecay = 0.01 },
            Schedule = LearningRateScheduleKind.Linear,
            WarmupFraction = 0,
            ClipNorm = 1,
            BestMetric = BestMetric.MicroF1,
        },
        ThresholdData.None);

    /// <summary>The recipe of the GoEmotions paper (Demszky et al. 2020, section 5.2): batch 16, 5e-5, 4 epochs, at most 50 tokens.</summary>
    public static TrainingPreset Paper { get; } = new(
        "paper",
        "the GoEmotions paper's recipe: batch 16, 5e-5, 4 epochs, 50 tokens",
        new TrainingOptions
        {
            Epochs = 4,
            BatchSize = 16,
            MaxLength = 50,
            LearningRate = 5e-5,
            Schedule = LearningRateScheduleKind.Linear,
            WarmupFraction = 0.1,
            ClipNorm = 1,
            BestMetric = BestMetric.MicroF1,
        },
        ThresholdData.Dev);

    /// <summary>All presets.</summary>
    public static IReadOnlyList<TrainingPreset> All { get; } = [Default, Notebook, Paper];

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it is for, in a few words.</summary>
    public string Description { get; }

    /// <summary>The options of the trainer.</summary>
    public TrainingOptions Options { get; }

    /// <summary>What the thresholds are tuned on.</summary>
    public ThresholdData Thresholds { get; }

    /// <summary>Finds a preset.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The preset.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static TrainingPreset Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(preset => preset.Name == name)
            ?? throw new ArgumentException($"the preset is '{name}', expected {string.Join(", ", All.Select(preset => preset.Name))}.", nameof(name));
    }
}
