namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>
/// A step down through ranked scores: what is predicted when everything at or above <paramref name="Score"/> is.
/// </summary>
/// <param name="Score">The score shared by this group, in [0, 1].</param>
/// <param name="TruePositives">The true ones with this score or a higher one.</param>
/// <param name="Predicted">All with this score or a higher one.</param>
internal readonly record struct ScoreGroup(float Score, int TruePositives, int Predicted)
{
    /// <summary>F1 when this group and those above it are predicted, of <paramref name="positives"/> true ones in all.</summary>
    public double F1(int positives) => 2.0 * TruePositives / (Predicted + positives);
}
