namespace GoEmotions.Onnx.Training;

/// <summary>The metric of the development split by which the best epoch is chosen.</summary>
public enum BestMetric
{
    /// <summary>Micro F1 at a probability of 0.5, as the notebook chooses.</summary>
    MicroF1,

    /// <summary>Macro F1 at a probability of 0.5.</summary>
    MacroF1,

    /// <summary>The mean over labels of the average precision, which depends on no threshold.</summary>
    MeanAveragePrecision,

    /// <summary>The loss; the least is the best.</summary>
    Loss,
}
