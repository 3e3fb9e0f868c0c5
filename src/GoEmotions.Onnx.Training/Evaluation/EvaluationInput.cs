namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>What is evaluated: the scores of a model on labelled rows, and the thresholds that decide.</summary>
public sealed record EvaluationInput
{
    /// <summary>The labels, in the order of the columns.</summary>
    public required EmotionLabels Labels { get; init; }

    /// <summary>Probabilities in [0, 1], shape <c>[rows, labels]</c>, row-major.</summary>
    public required ReadOnlyMemory<float> Scores { get; init; }

    /// <summary>Whether each label is true of each row, of the same shape.</summary>
    public required ReadOnlyMemory<bool> Truth { get; init; }

    /// <summary>The thresholds; null for 0.5 everywhere.</summary>
    public LabelThresholds? Thresholds { get; init; }

    /// <summary>The logits behind the scores, of the same shape, or empty. With them the loss is exact where probabilities have rounded to 0 or 1.</summary>
    public ReadOnlyMemory<float> Logits { get; init; }

    /// <summary>The texts of the rows for the report's mistakes, or null.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>The model's name for the report.</summary>
    public string? ModelName { get; init; }

    /// <summary>The data's name for the report.</summary>
    public string? DataName { get; init; }

    /// <summary>How confidence intervals are drawn, or null for none.</summary>
    public BootstrapOptions? Bootstrap { get; init; } = new();
}
