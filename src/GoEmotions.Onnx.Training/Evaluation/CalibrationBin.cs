namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Start">The bin's lower edge, a probability; inclusive.</param>
/// <param name="End">Its upper edge; exclusive, but for the last bin, which holds 1 as well.</param>
/// <param name="Count">The number of scores in the bin.</param>
/// <param name="MeanScore">Their mean, 0 when the bin is empty.</param>
/// <param name="TrueFraction">The part of them that is true, in [0, 1]; 0 when the bin is empty.</param>
public readonly record struct CalibrationBin(double Start, double End, long Count, double MeanScore, double TrueFraction)
{
    /// <summary>How far the scores are from what they promise, in [0, 1].</summary>
    public double Gap => Math.Abs(TrueFraction - MeanScore);
}
