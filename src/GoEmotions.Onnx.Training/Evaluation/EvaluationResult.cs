namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>The metrics of a model on labelled rows. Immutable. <c>docs/evaluation.md</c> defines each.</summary>
public sealed record EvaluationResult
{
    /// <summary>The labels, in the order of <see cref="PerLabel"/>.</summary>
    public required EmotionLabels Labels { get; init; }

    /// <summary>The thresholds that decided.</summary>
    public required LabelThresholds Thresholds { get; init; }

    /// <summary>The number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>The mean binary cross-entropy over rows and labels, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>All decisions pooled, with the micro precision, recall and F1.</summary>
    public required DecisionCounts Pooled { get; init; }

    /// <summary>The unweighted means over all labels.</summary>
    public required PrecisionRecallF1 Macro { get; init; }

    /// <summary>The means over labels weighted by support.</summary>
    public required PrecisionRecallF1 Weighted { get; init; }

    /// <summary>The part of the rows whose labels are all right, in [0, 1].</summary>
    public required double SubsetAccuracy { get; init; }

    /// <summary>The part of the decisions that are wrong, in [0, 1].</summary>
    public required double HammingLoss { get; init; }

    /// <summary>The ROC AUC of all scores pooled; null unless both classes occur.</summary>
    public required double? RocAucMicro { get; init; }

    /// <summary>The mean ROC AUC of the labels that have one; null when none has.</summary>
    public required double? RocAucMacro { get; init; }

    /// <summary>The mean of the labels' ROC AUC of thresholded decisions; null when no label has one.</summary>
    public required double? RocAucMacroThresholded { get; init; }

    /// <summary>The average precision of all scores pooled; null when nothing is true.</summary>
    public required double? AveragePrecisionMicro { get; init; }

    /// <summary>The mean average precision of the labels that have one; null when none has.</summary>
    public required double? AveragePrecisionMacro { get; init; }

    /// <summary>The reliability diagram of all scores pooled.</summary>
    public required Calibration Calibration { get; init; }

    /// <summary>The metrics of each label.</summary>
    public required IReadOnlyList<LabelMetrics> PerLabel { get; init; }

    /// <summary>The names of the labels without any true row: in the macro mean of F1 with 0, left out of those of ROC AUC and average precision.</summary>
    public required IReadOnlyList<string> LabelsWithoutPositives { get; init; }

    /// <summary>The names of the labels that are true of every row: left out of the macro means of ROC AUC.</summary>
    public required IReadOnlyList<string> LabelsWithoutNegatives { get; init; }

    /// <summary>For each pair of labels, the rows of which both are true; the diagonal holds the support.</summary>
    public required LabelPairCounts TruthPairs { get; init; }

    /// <summary>For each pair of labels, the rows for which both were predicted.</summary>
    public required LabelPairCounts PredictedPairs { get; init; }

    /// <summary>For each pair, the rows in which the first was missed and the second wrongly predicted.</summary>
    public required LabelPairCounts Confusions { get; init; }

    /// <summary>Confidence intervals, or null when none were asked for.</summary>
    public required BootstrapIntervals? Intervals { get; init; }

    /// <summary>Micro precision, recall and F1.</summary>
    public PrecisionRecallF1 Micro => Pooled.Scores;

    /// <summary>The ROC AUC of all thresholded decisions pooled, the variant that <c>roc_auc_score</c> on predictions of 0 and 1 with <c>average="micro"</c> gives.</summary>
    public double? RocAucMicroThresholded => Pooled.RocAucThresholded;

    /// <summary>The mean over labels of their expected calibration errors.</summary>
    public double CalibrationErrorMacro => PerLabel.Average(label => label.Calibration.ExpectedError);

    /// <summary>The pairs of labels most often confused, the most frequent first, equal ones in the order of the labels.</summary>
    /// <param name="count">The most pairs to return.</param>
    /// <returns>Pairs with at least one row.</returns>
    public IReadOnlyList<LabelConfusion> TopConfusions(int count)
    {
        IEnumerable<LabelConfusion> confusions =
            from missed in Enumerable.Range(0, Labels.Count)
            from predicted in Enumerable.Range(0, Labels.Count)
            let rows = Confusions[missed, predicted]
            where rows > 0
            orderby rows descending
            select new LabelConfusion(missed, predicted, rows);
        return [.. confusions.Take(count)];
    }

    /// <summary>Writes the metrics as indented JSON with snake_case names, the same bytes for the same result.</summary>
    /// <param name="stream">Receives UTF-8 without a byte order mark.</param>
    public void WriteJson(Stream stream) => EvaluationJson.Write(this, stream);
}
