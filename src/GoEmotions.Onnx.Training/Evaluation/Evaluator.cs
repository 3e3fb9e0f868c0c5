namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>Turns scores and truth into every metric. Stateless and thread-safe.</summary>
public static class Evaluator
{
    /// <summary>Evaluates.</summary>
    /// <param name="input">Scores, truth and thresholds.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="input"/> or its labels are null.</exception>
    /// <exception cref="ArgumentException">Shapes or label sets do not fit, or a score is outside [0, 1].</exception>
    public static EvaluationResult Evaluate(EvaluationInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int rows = Check(input);
        ReadOnlySpan<float> scores = input.Scores.Span;
        ReadOnlySpan<bool> truth = input.Truth.Span;
        int labelCount = input.Labels.Count;
        LabelThresholds thresholds = input.Thresholds ?? LabelThresholds.Uniform(input.Labels);

        bool[] predicted = new bool[scores.Length];
        thresholds.Apply(scores, predicted);
        BitColumns truthBits = BitColumns.Pack(truth, labelCount);
        BitColumns predictedBits = BitColumns.Pack(predicted, labelCount);
        BitColumns missedBits = truthBits.Except(predictedBits);
        BitColumns wrongBits = predictedBits.Except(truthBits);
        LabelMetrics[] perLabel = new LabelMetrics[labelCount];
        for (int label = 0; label < labelCount; label++)
        {
            perLabel[label] = EvaluateLabel(input, thresholds, predicted, label);
        }

        DecisionCounts[] counts = [.. perLabel.Select(label => label.Counts)];
        DecisionCounts pooled = counts.Aggregate(DecisionCounts.Add);
        RankedScores ranked = RankedScores.Rank(scores, truth);
        return new EvaluationResult
        {
            Labels = input.Labels,
            Thresholds = thresholds,
            Rows = rows,
            Loss = input.Logits.IsEmpty ? MultiLabelMetrics.LossFromProbabilities(scores, truth) : MultiLabelMetrics.LossFromLogits(input.Logits.Span, truth),
            Pooled = pooled,
            Macro = MultiLabelMetrics.MacroMean(counts),
            Weighted = MultiLabelMetrics.SupportWeightedMean(counts),
            SubsetAccuracy = (double)(rows - missedBits.CountRowsWithAny(wrongBits)) / rows,
            HammingLoss = (double)(pooled.FalsePositives + pooled.FalseNegatives) / pooled.Total,
            RocAucMicro = ranked.RocAuc(),
            RocAucMacro = perLabel.Average(label => label.RocAuc),
            RocAucMacroThresholded = counts.Average(label => label.RocAucThresholded),
            AveragePrecisionMicro = ranked.AveragePrecision(),
            AveragePrecisionMacro = perLabel.Average(label => label.AveragePrecision),
            Calibration = Calibration.ComputeColumn(scores, truth, stride: 1, offset: 0),
            PerLabel = perLabel,
            LabelsWithoutPositives = [.. perLabel.Where(label => label.Counts.Support == 0).Select(label => label.Name)],
            LabelsWithoutNegatives = [.. perLabel.Where(label => label.Counts.Support == rows).Select(label => label.Name)],
            TruthPairs = truthBits.CountPairs(truthBits),
            PredictedPairs = predictedBits.CountPairs(predictedBits),
            Confusions = missedBits.CountPairs(wrongBits),
            Intervals = input.Bootstrap is null ? null : Bootstrap.Intervals(predicted, truth, labelCount, input.Bootstrap),
        };
    }

    private static int Check(EvaluationInput input)
    {
        ArgumentNullException.ThrowIfNull(input.Labels);
        int rows = ScoreMatrix.CheckRows(input.Labels, input.Scores.Span, input.Truth.Span);
        if (!input.Logits.IsEmpty)
        {
            ScoreMatrix.CheckLogits(input.Labels, input.Logits.Span, input.Scores.Length);
        }

        if (input.Thresholds is not null && !input.Thresholds.Labels.Equals(input.Labels))
        {
            Throw.Argument($"the thresholds are for {input.Thresholds.Labels.Count} labels ('{input.Thresholds.Labels[0]}' ...), expected the {input.Labels.Count} labels of the scores ('{input.Labels[0]}' ...) in the same order.", nameof(input));
        }

        if (input.Texts is not null && input.Texts.Count != rows)
        {
            Throw.Argument($"'Texts' has {input.Texts.Count} elements, expected {rows} (one per row).", nameof(input));
        }

        return rows;
    }

    private static LabelMetrics EvaluateLabel(EvaluationInput input, LabelThresholds thresholds, bool[] predicted, int label)
    {
        int labelCount = input.Labels.Count;
        ReadOnlySpan<float> scores = input.Scores.Span;
        ReadOnlySpan<bool> truth = input.Truth.Span;
        RankedScores ranked = RankedScores.RankColumn(scores, truth, labelCount, label);
        return new LabelMetrics
        {
            Name = input.Labels[label],
            Threshold = thresholds[label],
            Counts = MultiLabelMetrics.CountColumn(predicted, truth, labelCount, label),
            RocAuc = ranked.RocAuc(),
            AveragePrecision = ranked.AveragePrecision(),
            Calibration = Calibration.ComputeColumn(scores, truth, labelCount, label),
        };
    }
}
