namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>The four outcomes of yes-or-no decisions, counted.</summary>
/// <param name="TruePositives">Predicted and true.</param>
/// <param name="FalsePositives">Predicted and not true.</param>
/// <param name="FalseNegatives">True and not predicted.</param>
/// <param name="TrueNegatives">Neither.</param>
public readonly record struct DecisionCounts(long TruePositives, long FalsePositives, long FalseNegatives, long TrueNegatives)
{
    /// <summary>The number of decisions.</summary>
    public long Total => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>The number that are true (the label's support).</summary>
    public long Support => TruePositives + FalseNegatives;

    /// <summary>The number that were predicted.</summary>
    public long Predicted => TruePositives + FalsePositives;

    /// <summary>TP / (TP + FP); 0 when nothing was predicted.</summary>
    public double Precision => Ratio(TruePositives, Predicted);

    /// <summary>TP / (TP + FN); 0 when nothing is true.</summary>
    public double Recall => Ratio(TruePositives, Support);

    /// <summary>2 TP / (2 TP + FP + FN); 0 when nothing was predicted and nothing is true.</summary>
    public double F1 => Ratio(2 * TruePositives, Predicted + Support);

    /// <summary>
    /// The ROC AUC of the decisions themselves, (recall + specificity) / 2, as
    /// <c>roc_auc_score(y_true, y_pred)</c> gives on predictions of 0 and 1; null unless both classes occur.
    /// </summary>
    public double? RocAucThresholded => Support == 0 || Support == Total
        ? null
        : (Recall + Ratio(TrueNegatives, TrueNegatives + FalsePositives)) / 2;

    /// <summary>Precision, recall and F1 together.</summary>
    public PrecisionRecallF1 Scores => new(Precision, Recall, F1);

    /// <summary>Pools two sets of decisions.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sums.</returns>
    public static DecisionCounts operator +(DecisionCounts left, DecisionCounts right) => new(
        left.TruePositives + right.TruePositives,
        left.FalsePositives + right.FalsePositives,
        left.FalseNegatives + right.FalseNegatives,
        left.TrueNegatives + right.TrueNegatives);

    /// <summary>Pools two sets of decisions.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sums.</returns>
    public static DecisionCounts Add(DecisionCounts left, DecisionCounts right) => left + right;

    private static double Ratio(long numerator, long denominator) => denominator == 0 ? 0 : (double)numerator / denominator;
}
