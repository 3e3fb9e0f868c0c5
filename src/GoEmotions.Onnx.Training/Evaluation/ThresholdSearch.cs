using System.Globalization;

namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>
/// Finds, for each label, the threshold with the highest F1 on given scores, exactly: every way of cutting the sorted scores is tried;
/// or that with the highest F1 that calibrated scores expect (<see cref="ThresholdMethod"/>).
/// Stateless and thread-safe.
/// </summary>
/// <remarks>
/// Equal scores fall on the same side of every cut. The threshold of a cut is the midpoint between the lowest score above it
/// and the highest below it (0 below the lowest score), so that new scores near the cut are not all pushed to one side.
/// Among cuts of equal F1 the one whose threshold is nearest to <see cref="ThresholdSearchOptions.DefaultThreshold"/> wins, and the higher one if two are.
/// </remarks>
public static class ThresholdSearch
{
    /// <summary>Finds one threshold per label.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="scores">Probabilities in [0, 1] of the development split, shape <c>[rows, labels]</c>, row-major. Never of the test split.</param>
    /// <param name="truth">The truth, of the same shape.</param>
    /// <param name="options">The floor for rare labels and what they get; null for the defaults.</param>
    /// <returns>The thresholds and how they came about.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, a score is outside [0, 1], or an option is out of its range.</exception>
    public static ThresholdSearchResult Find(EmotionLabels labels, ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth, ThresholdSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new ThresholdSearchOptions();
        options.Check();
        int rows = ScoreMatrix.CheckRows(labels, scores, truth);

        ThresholdChoice pooled = Best(RankedScores.Rank(scores, truth), options.DefaultThreshold);
        float fallback = options.Fallback == ThresholdFallback.Pooled ? pooled.Threshold : options.DefaultThreshold;
        var choices = new ThresholdChoice[labels.Count];
        for (int label = 0; label < choices.Length; label++)
        {
            RankedScores ranked = RankedScores.RankColumn(scores, truth, labels.Count, label);
            choices[label] = ranked.Positives >= options.MinimumPositives
                ? Shrink(Choose(ranked, options), ranked, pooled.Threshold, options.PriorPositives)
                : new ThresholdChoice(fallback, ranked.F1At(fallback), ranked.Positives, IsFallback: true);
        }

        return new ThresholdSearchResult
        {
            Thresholds = LabelThresholds.Create(labels, [.. choices.Select(choice => choice.Threshold)], Describe(options, rows)),
            Choices = choices,
            Pooled = pooled,
            FallbackLabels = [.. labels.Where((_, label) => choices[label].IsFallback)],
        };
    }

    private static ThresholdChoice Choose(RankedScores ranked, ThresholdSearchOptions options) =>
        options.Method == ThresholdMethod.ExpectedF1 ? BestExpected(ranked, options.DefaultThreshold) : Best(ranked, options.DefaultThreshold);

    /// <summary>
    /// The cut of the highest expected F1, 2 x sum of the probabilities above it / (number above it + sum of all probabilities): the
    /// quotient of the expectations, which the expectation of the quotient comes near to with many rows (Lipton, Elkan and
    /// Narayanaswamy 2014, arXiv:1402.1892).
    /// </summary>
    private static ThresholdChoice BestExpected(RankedScores ranked, float defaultThreshold)
    {
        var calibration = LogisticCalibration.Fit(ranked);
        if (!(calibration.Slope > 0))
        {
            // Scores that rank the label's rows the wrong way round: no probability of theirs is to be believed.
            return Best(ranked, defaultThreshold);
        }

        ReadOnlySpan<ScoreGroup> groups = ranked.Groups;
        double all = 0;
        for (int index = 0; index < groups.Length; index++)
        {
            all += ProbabilitySum(groups, index, calibration);
        }

        double above = 0;
        double bestExpected = -1;
        float threshold = defaultThreshold;
        for (int index = 0; index < groups.Length; index++)
        {
            above += ProbabilitySum(groups, index, calibration);
            double expected = 2 * above / (groups[index].Predicted + all);
            if (expected > bestExpected)
            {
                bestExpected = expected;
                threshold = Midpoint(index + 1 < groups.Length ? groups[index + 1].Score : 0f, groups[index].Score);
            }
        }

        return new ThresholdChoice(threshold, ranked.F1At(threshold), ranked.Positives, IsFallback: false);
    }

    private static double ProbabilitySum(ReadOnlySpan<ScoreGroup> groups, int index, LogisticCalibration calibration) =>
        (groups[index].Predicted - (index > 0 ? groups[index - 1].Predicted : 0)) * calibration.Apply(groups[index].Score);

    /// <summary>The best cut; the default threshold when nothing is true, since every F1 is 0 then.</summary>
    private static ThresholdChoice Best(RankedScores ranked, float defaultThreshold)
    {
        var best = new ThresholdChoice(defaultThreshold, F1: -1, ranked.Positives, IsFallback: ranked.Positives == 0);
        if (ranked.Positives == 0)
        {
            return best with { F1 = 0 };
        }

        // A fraction compares exactly with integers; equal F1 must be seen as equal for the tie rule to hold.
        long bestTruePositives = 0;
        long bestDenominator = 1;
        ReadOnlySpan<ScoreGroup> groups = ranked.Groups;
        for (int index = 0; index < groups.Length; index++)
        {
            ScoreGroup group = groups[index];
            long denominator = (long)group.Predicted + ranked.Positives;
            int comparison = (group.TruePositives * bestDenominator).CompareTo(bestTruePositives * denominator);
            if (comparison < 0)
            {
                continue;
            }

            float threshold = Midpoint(index + 1 < groups.Length ? groups[index + 1].Score : 0f, group.Score);
            if (comparison > 0 || Math.Abs(threshold - defaultThreshold) < Math.Abs(best.Threshold - defaultThreshold))
            {
                best = best with { Threshold = threshold, F1 = group.F1(ranked.Positives) };
                bestTruePositives = group.TruePositives;
                bestDenominator = denominator;
            }
        }

        return best;
    }

    private static ThresholdChoice Shrink(ThresholdChoice own, RankedScores ranked, float pooledThreshold, double priorPositives)
    {
        if (priorPositives == 0)
        {
            return own;
        }

        double weight = own.Positives / (own.Positives + priorPositives);
        double logit = (weight * Logit(own.Threshold)) + ((1 - weight) * Logit(pooledThreshold));
        float threshold = (float)(1 / (1 + Math.Exp(-logit)));
        return own with { Threshold = threshold, F1 = ranked.F1At(threshold) };
    }

    private static double Logit(float threshold)
    {
        // Thresholds of 0 and 1 have no finite logit; these ends are beyond every useful threshold.
        double clamped = Math.Clamp(threshold, 1e-6, 1 - 1e-6);
        return Math.Log(clamped / (1 - clamped));
    }

    /// <summary>A threshold above <paramref name="below"/> and not above <paramref name="above"/>: their midpoint, or the upper one where no float lies between them.</summary>
    private static float Midpoint(float below, float above)
    {
        float midpoint = (float)(((double)below + above) / 2);
        return midpoint > below ? midpoint : above;
    }

    private static ThresholdTuning Describe(ThresholdSearchOptions options, int rows)
    {
        string fallback = options.Fallback == ThresholdFallback.Pooled
            ? "the threshold that maximises micro F1"
            : options.DefaultThreshold.ToString(CultureInfo.InvariantCulture);
        string shrinkage = options.PriorPositives == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", drawn to the threshold that maximises micro F1 as by {options.PriorPositives} positives");
        return new ThresholdTuning
        {
            Split = options.Split,
            Rows = rows,
            Method = $"highest {(options.Method == ThresholdMethod.ExpectedF1 ? "F1 that the calibrated probabilities expect" : "F1")} of each label{shrinkage}; {fallback} for labels with fewer than {options.MinimumPositives} positives",
        };
    }
}
