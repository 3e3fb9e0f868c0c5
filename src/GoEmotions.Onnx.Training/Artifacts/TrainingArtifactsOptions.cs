using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>What <see cref="TrainingArtifacts"/> are made for. Checked once, when they are made.</summary>
public sealed record TrainingArtifactsOptions
{
    /// <summary>The operator set version that ONNX Runtime 1.16 to 1.19 load.</summary>
    public const int DefaultOpset = 17;

    /// <summary>The highest operator set version that ONNX Runtime 1.19.2's training build loads.</summary>
    public const int MaximalOpset = 21;

    /// <summary>The probability of dropping an element, instead of all of the configuration's, in [0, 1); 0 for no dropout, <see langword="null"/> for the configuration's.</summary>
    public double? Dropout { get; init; }

    /// <summary>Which parameters are trained; <see langword="null"/> for all. The others stand in the checkpoint's list of frozen ones.</summary>
    public Func<ParameterSpec, bool>? Trains { get; init; }

    /// <summary>The loss.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>The constants of AdamW. ONNX Runtime knows one group of parameters: the weight decay applies to all that are trained.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>The largest norm of all gradients together, to which a larger one is scaled; <see langword="null"/> for no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>
    /// A factor of the learning rate, inside the optimizer model; <see langword="null"/> for none. The JavaScript API has a fixed rate
    /// of 0.001, which this is the way to change.
    /// </summary>
    public double? LearningRateScale { get; init; }

    /// <summary>The version of the checkpoint: 2 for ONNX Runtime 1.18 and 1.19, 1 for 1.16 and 1.17.</summary>
    public int CheckpointVersion { get; init; } = OrtCheckpoint.CurrentVersion;

    /// <summary>The version of the standard operator set of training and evaluation model.</summary>
    public int Opset { get; init; } = DefaultOpset;

    internal void Validate()
    {
        Check(Dropout is null or (>= 0 and < 1), nameof(Dropout), Dropout, "a number in [0, 1)");
        Check(ClipNorm is null || (ClipNorm > 0 && double.IsFinite(ClipNorm.Value)), nameof(ClipNorm), ClipNorm, "a number above 0");
        Check(LearningRateScale is null || (LearningRateScale > 0 && double.IsFinite(LearningRateScale.Value)), nameof(LearningRateScale), LearningRateScale, "a number above 0");
        Check(CheckpointVersion is 1 or OrtCheckpoint.CurrentVersion, nameof(CheckpointVersion), CheckpointVersion, $"1 or {OrtCheckpoint.CurrentVersion}");
        Check(Opset is >= GraphBuilder.MinimalOpset and <= MaximalOpset, nameof(Opset), Opset, $"{GraphBuilder.MinimalOpset} to {MaximalOpset}");
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
