namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>What makes a label's threshold the best one.</summary>
public enum ThresholdMethod
{
    /// <summary>The highest F1 on the given rows.</summary>
    HighestF1,

    /// <summary>
    /// The highest F1 that the model itself expects on the given rows, once its probabilities are calibrated: the truth of the rows
    /// enters by the two numbers of the calibration alone, so that a few positives more or less move a threshold less.
    /// </summary>
    ExpectedF1,
}
