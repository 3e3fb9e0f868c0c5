namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>
/// The metrics of multi-label classification, with scikit-learn's definitions; <c>docs/evaluation.md</c> gives the formulas.
/// Stateless and thread-safe.
/// </summary>
/// <remarks>A metric that has no value on the given data, as a ROC AUC without any positive, is null and never a made-up number.</remarks>
public static class MultiLabelMetrics
{
    // log(p) and log(1 - p) stop here, as in PyTorch's BCELoss, so that a sure mistake costs much and not infinitely much.
    private const double LowestLog = -100;

    /// <summary>Counts the four outcomes of decisions.</summary>
    /// <param name="predicted">Whether each was predicted, shape <c>[n]</c>.</param>
    /// <param name="truth">Whether each is true, shape <c>[n]</c>.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static DecisionCounts Count(ReadOnlySpan<bool> predicted, ReadOnlySpan<bool> truth)
    {
        ScoreMatrix.CheckSameLength(predicted.Length, nameof(predicted), truth, nameof(truth));
        return CountColumn(predicted, truth, stride: 1, offset: 0);
    }

    /// <summary>The unweighted mean over labels of precision, recall and F1; a label without any positive counts with 0.</summary>
    /// <param name="labels">The counts of each label.</param>
    /// <returns>The means, 0 for no labels.</returns>
    public static PrecisionRecallF1 MacroMean(ReadOnlySpan<DecisionCounts> labels) => WeightedMean(labels, static _ => 1);

    /// <summary>The mean over labels of precision, recall and F1, weighted by support; 0 when no label has any.</summary>
    /// <param name="labels">The counts of each label.</param>
    /// <returns>The means.</returns>
    public static PrecisionRecallF1 SupportWeightedMean(ReadOnlySpan<DecisionCounts> labels) => WeightedMean(labels, static counts => counts.Support);

    /// <summary>Precision, recall and F1 of all decisions pooled.</summary>
    /// <param name="labels">The counts of each label.</param>
    /// <returns>The scores of their sum.</returns>
    public static PrecisionRecallF1 MicroMean(ReadOnlySpan<DecisionCounts> labels)
    {
        DecisionCounts pooled = default;
        foreach (DecisionCounts counts in labels)
        {
            pooled += counts;
        }

        return pooled.Scores;
    }

    /// <summary>The area under the ROC curve, with equal scores at their average rank.</summary>
    /// <param name="scores">Probabilities in [0, 1], shape <c>[n]</c>.</param>
    /// <param name="truth">Whether each is true, shape <c>[n]</c>.</param>
    /// <returns>The area in [0, 1], or null unless both classes occur.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a score is outside [0, 1].</exception>
    public static double? RocAuc(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        ScoreMatrix.CheckColumn(scores, truth);
        return RankedScores.Rank(scores, truth).RocAuc();
    }

    /// <summary>Average precision, the step-wise area under the precision-recall curve, without interpolation.</summary>
    /// <param name="scores">Probabilities in [0, 1], shape <c>[n]</c>.</param>
    /// <param name="truth">Whether each is true, shape <c>[n]</c>.</param>
    /// <returns>The area in [0, 1], or null when nothing is true.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a score is outside [0, 1].</exception>
    public static double? AveragePrecision(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        ScoreMatrix.CheckColumn(scores, truth);
        return RankedScores.Rank(scores, truth).AveragePrecision();
    }

    /// <summary>The mean binary cross-entropy, computed from logits as max(x, 0) - x y + log(1 + exp(-|x|)), which neither overflows nor loses digits.</summary>
    /// <param name="logits">Any finite numbers, shape <c>[n]</c>.</param>
    /// <param name="truth">Whether each is true, shape <c>[n]</c>.</param>
    /// <returns>The mean in nats, at least 0; 0 for nothing.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double LossFromLogits(ReadOnlySpan<float> logits, ReadOnlySpan<bool> truth)
    {
        ScoreMatrix.CheckSameLength(logits.Length, nameof(logits), truth, nameof(truth));
        double sum = 0;
        for (int index = 0; index < logits.Length; index++)
        {
            double logit = truth[index] ? -(double)logits[index] : logits[index];
            sum += Math.Max(logit, 0) + LogOnePlus(Math.Exp(-Math.Abs(logit)));
        }

        return logits.Length == 0 ? 0 : sum / logits.Length;
    }

    /// <summary>The mean binary cross-entropy of probabilities; logarithms stop at -100, as in PyTorch's <c>BCELoss</c>.</summary>
    /// <param name="probabilities">In [0, 1], shape <c>[n]</c>.</param>
    /// <param name="truth">Whether each is true, shape <c>[n]</c>.</param>
    /// <returns>The mean in nats, from 0 to 100; 0 for nothing.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a probability is outside [0, 1].</exception>
    public static double LossFromProbabilities(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> truth)
    {
        ScoreMatrix.CheckColumn(probabilities, truth);
        double sum = 0;
        for (int index = 0; index < probabilities.Length; index++)
        {
            sum += Loss(probabilities[index], truth[index]);
        }

        return probabilities.Length == 0 ? 0 : sum / probabilities.Length;
    }

    /// <summary>Counts one column of row-major matrices.</summary>
    internal static DecisionCounts CountColumn(ReadOnlySpan<bool> predicted, ReadOnlySpan<bool> truth, int stride, int offset)
    {
        long truePositives = 0;
        long positives = 0;
        long predictions = 0;
        for (int index = offset; index < predicted.Length; index += stride)
        {
            int isPredicted = predicted[index] ? 1 : 0;
            int isTrue = truth[index] ? 1 : 0;
            truePositives += isPredicted & isTrue;
            positives += isTrue;
            predictions += isPredicted;
        }

        return new DecisionCounts(truePositives, predictions - truePositives, positives - truePositives, (predicted.Length / stride) - predictions - positives + truePositives);
    }

    /// <summary>The cross-entropy of one decision in nats.</summary>
    internal static double Loss(float probability, bool truth) => -Math.Max(Math.Log(truth ? probability : 1.0 - probability), LowestLog);

    /// <summary>
    /// log(1 + x) with full precision for small x (Goldberg 1991, "What every computer scientist should know about floating-point arithmetic", theorem 4).
    /// <see cref="double.LogP1"/> adds first and gives 0 below 1.1e-16.
    /// </summary>
    private static double LogOnePlus(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }

    private static PrecisionRecallF1 WeightedMean(ReadOnlySpan<DecisionCounts> labels, Func<DecisionCounts, long> weightOf)
    {
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        long total = 0;
        foreach (DecisionCounts counts in labels)
        {
            long weight = weightOf(counts);
            precision += weight * counts.Precision;
            recall += weight * counts.Recall;
            f1 += weight * counts.F1;
            total += weight;
        }

        return total == 0 ? default : new PrecisionRecallF1(precision / total, recall / total, f1 / total);
    }
}
