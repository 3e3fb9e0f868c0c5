using System.Globalization;
using System.Text;
using GoEmotions.Onnx.Training.Evaluation.Plots;
using GoEmotions.Onnx.Training.Monitoring;

namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>The sections of the report, in their order.</summary>
internal sealed class EvaluationReportPage
{
    private const int LongestText = 1000;

    private readonly EvaluationInput _input;
    private readonly EvaluationResult _result;
    private readonly EvaluationReportOptions _options;
    private readonly StringBuilder _html = new();

    public EvaluationReportPage(EvaluationInput input, EvaluationResult result, EvaluationReportOptions options)
    {
        _input = input;
        _result = result;
        _options = options;
        AppendHead();
        AppendHeadline();
        AppendTraining();
        AppendThresholds();
        AppendF1Bars();
        AppendTable();
        AppendPrecisionRecall();
        AppendPairs();
        AppendConfusions();
        AppendCalibration();
        AppendMistakes();
        _html.Append("</body>\n</html>\n");
    }

    public override string ToString() => _html.ToString();

    private void AppendHead()
    {
        string model = HtmlText.Escape(_input.ModelName ?? "a model");
        string data = HtmlText.Escape(_input.DataName ?? "labelled rows");
        _html.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>{model} on {data}</title>
            <style>
            {ReadStyle()}</style>
            </head>
            <body>
            <h1>{model}</h1>
            <p class="soft">evaluated on {data}: {Plural(_result.Rows, "row")}, {Plural(_result.Labels.Count, "label")}, {PlotNumber.Short((double)_result.Pooled.Support / _result.Rows)} true and {PlotNumber.Short((double)_result.Pooled.Predicted / _result.Rows)} predicted labels per row</p>

            """);
    }

    private void AppendHeadline()
    {
        BootstrapIntervals? intervals = _result.Intervals;
        _html.Append("<div class=\"tiles\">\n");
        AppendTile("micro F1", _result.Micro.F1, intervals?.MicroF1);
        AppendTile("macro F1", _result.Macro.F1, intervals?.MacroF1);
        AppendTile("weighted F1", _result.Weighted.F1, intervals?.WeightedF1);
        AppendTile("subset accuracy", _result.SubsetAccuracy, intervals?.SubsetAccuracy);
        AppendTile("micro precision", _result.Micro.Precision);
        AppendTile("micro recall", _result.Micro.Recall);
        AppendTile("macro precision", _result.Macro.Precision);
        AppendTile("macro recall", _result.Macro.Recall);
        AppendTile("ROC AUC, micro", _result.RocAucMicro);
        AppendTile("ROC AUC, macro", _result.RocAucMacro);
        AppendTile("ROC AUC of decisions, micro", _result.RocAucMicroThresholded);
        AppendTile("average precision, micro", _result.AveragePrecisionMicro);
        AppendTile("average precision, macro", _result.AveragePrecisionMacro);
        AppendTile("calibration error", _result.Calibration.ExpectedError);
        AppendTile("Hamming loss", _result.HammingLoss);
        AppendTile("loss (cross-entropy)", _result.Loss);
        _html.Append("</div>\n");
        if (intervals is not null)
        {
            AppendParagraph($"Ranges are {PlotNumber.Percent(intervals.Options.Confidence)} bootstrap intervals over rows ({PlotNumber.Count(intervals.Options.Resamples)} resamples, seed {intervals.Options.Seed}): what other rows of the same kind would give with this model and these thresholds.", "soft");
        }

        AppendLeftOut(_result.LabelsWithoutPositives, "true of no row. In the macro means of precision, recall and F1 that counts as 0; the macro means of ROC AUC and average precision leave it out.");
        AppendLeftOut(_result.LabelsWithoutNegatives, "true of every row. The macro mean of ROC AUC leaves it out.");
    }

    private void AppendLeftOut(IReadOnlyList<string> labels, string statement)
    {
        if (labels.Count > 0)
        {
            string names = string.Join(", ", labels.Select(HtmlText.Escape));
            AppendParagraph($"{labels.Count} of {_result.Labels.Count} labels ({names}): {statement}", "notice");
        }
    }

    private void AppendTraining()
    {
        if (_options.Training is not TrainingSummary training)
        {
            return;
        }

        IReadOnlyList<TrainingPoint> steps = training.History.Steps;
        IReadOnlyList<EvaluationRecord> evaluations = training.History.Evaluations;
        double[] stepNumbers = [.. steps.Select(point => (double)point.StepNumber)];
        double[] evaluated = [.. evaluations.Select(point => (double)point.StepNumber)];
        AppendHeading("Training", "The development split's figures during training are at a threshold of 0.5 for every label; those above are at the thresholds in use.");
        if (evaluations.LastOrDefault(point => point.IsBest) is EvaluationRecord best)
        {
            AppendParagraph($"The parameters of step {PlotNumber.Count(best.StepNumber)} (epoch {best.EpochNumber}) were kept: micro F1 {PlotNumber.Three(best.Micro.F1)}, macro F1 {PlotNumber.Three(best.Macro.F1)}, subset accuracy {PlotNumber.Three(best.SubsetAccuracy)}, all at 0.5; ROC AUC {OrDash(best.RocAucMicro)}.");
        }

        _html.Append("<div class=\"pair\">\n<div>\n");
        AppendKey(("model", "training, with dropout"), ("truth", "development"));
        AppendFigure(
            CurvePlot.Draw("loss", "Loss of training and development over the steps", "loss", 0, new CurveSeries(PlotColor.Model, stepNumbers, [.. steps.Select(point => point.Loss)]), new CurveSeries(PlotColor.Truth, evaluated, [.. evaluations.Select(point => point.Loss)])),
            "Loss");
        _html.Append("</div>\n<div>\n");
        AppendKey(("model", "micro F1"), ("truth", "macro F1"), ("mark", "mean average precision"));
        EvaluationRecord[] ranked = [.. evaluations.Where(point => point.AveragePrecisionMacro is not null)];
        AppendFigure(
            CurvePlot.Draw(
                "metrics", "Metrics on the development split over the steps", "on development", 0,
                new CurveSeries(PlotColor.Model, evaluated, [.. evaluations.Select(point => point.Micro.F1)]),
                new CurveSeries(PlotColor.Truth, evaluated, [.. evaluations.Select(point => point.Macro.F1)]),
                new CurveSeries(PlotColor.Mark, [.. ranked.Select(point => (double)point.StepNumber)], [.. ranked.Select(point => point.AveragePrecisionMacro!.Value)])),
            "Metrics on the development split");
        _html.Append("</div>\n<div>\n");
        AppendFigure(CurvePlot.Draw("rate", "Learning rate over the steps", "learning rate", 0, new CurveSeries(PlotColor.Model, stepNumbers, [.. steps.Select(point => point.LearningRate)])), "Learning rate");
        _html.Append("</div>\n<div>\n");
        AppendFigure(CurvePlot.Draw("norm", "Norm of the gradients over the steps", "norm", 0, new CurveSeries(PlotColor.Model, stepNumbers, [.. steps.Select(point => point.GradientNorm)])), "Norm of all gradients together, before clipping");
        _html.Append("</div>\n</div>\n<h3>Configuration</h3>\n<div class=\"scroll\"><table class=\"settings\">\n");
        foreach ((string name, string value) in training.Settings)
        {
            _html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"name\">{HtmlText.Escape(name)}</td><td class=\"left\">{HtmlText.Escape(value)}</td></tr>\n");
        }

        _html.Append("</table></div>\n");
    }

    private void AppendThresholds()
    {
        AppendHeading("Thresholds", "A label is predicted when its probability is at or above its threshold.");
        ReadOnlySpan<float> values = _result.Thresholds.Values;
        if (_result.Thresholds.Tuning is ThresholdTuning tuning)
        {
            AppendParagraph($"Tuned on the split <b>{HtmlText.Escape(tuning.Split)}</b> ({Plural(tuning.Rows, "row")}): {HtmlText.Escape(tuning.Method)}. F1 measured on the rows that thresholds were tuned on is higher than new rows will give.");
        }
        else if (values.IndexOfAnyExcept(values[0]) < 0)
        {
            AppendParagraph($"{values[0].ToString(CultureInfo.InvariantCulture)} for every label, not tuned.");
        }
        else
        {
            AppendParagraph("Given one by one; the table shows them. The file does not say where they were tuned.");
        }
    }

    private void AppendF1Bars()
    {
        string caption = _result.Intervals is null ? "The best label on top." : "The best label on top; the thin lines are bootstrap intervals.";
        AppendHeading("F1 per label", caption);
        AppendFigure(F1BarsPlot.Draw(_result), "", isWide: true);
    }

    private void AppendTable()
    {
        AppendHeading("All labels", "A dash stands where a metric has no value: nothing is true, or everything.");
        _html.Append("""
            <div class="scroll"><table>
            <tr><th>label</th><th>support</th><th>predicted</th><th>threshold</th><th>precision</th><th>recall</th><th>F1</th><th>interval</th><th>avg. precision</th><th>ROC AUC</th><th>calibration error</th></tr>

            """);
        for (int label = 0; label < _result.Labels.Count; label++)
        {
            LabelMetrics metrics = _result.PerLabel[label];
            DecisionCounts counts = metrics.Counts;
            string interval = _result.Intervals is BootstrapIntervals intervals ? Range(intervals.PerLabelF1[label]) : "–";
            AppendRow("name", HtmlText.Escape(metrics.Name), PlotNumber.Count(counts.Support), PlotNumber.Count(counts.Predicted), PlotNumber.Three(metrics.Threshold), PlotNumber.Three(counts.Precision), PlotNumber.Three(counts.Recall), $"<b>{PlotNumber.Three(counts.F1)}</b>", interval, OrDash(metrics.AveragePrecision), OrDash(metrics.RocAuc), PlotNumber.Three(metrics.Calibration.ExpectedError));
        }

        _html.Append("</table></div>\n");
    }

    private void AppendPrecisionRecall()
    {
        ReadOnlySpan<float> scores = _input.Scores.Span;
        ReadOnlySpan<bool> truth = _input.Truth.Span;
        AppendHeading("Precision and recall", "What other thresholds would give.");
        AppendKey(("model", "the model"), ("truth", "chance: the label's share of the rows"), ("mark", "the thresholds in use"));
        AppendFigure(PrecisionRecallPlot.Large(RankedScores.Rank(scores, truth), _result.Micro), $"All labels pooled; average precision {OrDash(_result.AveragePrecisionMicro)}. Thresholds that differ between labels are no point of this curve.");
        _html.Append("<div class=\"small\">\n");
        for (int label = 0; label < _result.Labels.Count; label++)
        {
            LabelMetrics metrics = _result.PerLabel[label];
            RankedScores ranked = RankedScores.RankColumn(scores, truth, _result.Labels.Count, label);
            AppendFigure(PrecisionRecallPlot.Small(ranked, metrics.Counts.Scores, label, metrics.Name), $"{HtmlText.Escape(metrics.Name)} <span class=\"soft\">{OrDash(metrics.AveragePrecision)}</span>");
        }

        _html.Append("</div>\n");
    }

    private void AppendPairs()
    {
        string shown = _result.Labels.Count > PairMatrixPlot.MostLabels ? $" The {PairMatrixPlot.MostLabels} labels with the highest support are shown." : "";
        AppendHeading("Labels that come together", $"The stronger the colour of a cell, the larger the share of the row's label that also has the column's; both matrices have one scale. Numbers, where there is room for them, are rows that have both labels, and on the diagonal those that have the label at all.{shown}");
        PairMatrixPlot plot = PairMatrixPlot.Create(_result.Labels, _result.TruthPairs, _result.PredictedPairs);
        _html.Append("<h3>Truth</h3>\n");
        AppendFigure(plot.Draw(_result.TruthPairs, "pairs-truth", "Rows of which both labels are true"), "", isWide: true);
        _html.Append("<h3>Prediction</h3>\n");
        AppendFigure(plot.Draw(_result.PredictedPairs, "pairs-predicted", "Rows for which both labels were predicted"), "", isWide: true);
    }

    private void AppendConfusions()
    {
        IReadOnlyList<LabelConfusion> confusions = _result.TopConfusions(_options.ConfusionCount);
        if (confusions.Count == 0)
        {
            return;
        }

        AppendHeading("Labels taken for others", "Rows in which a true label was missed and another one wrongly predicted, most frequent pairs first.");
        _html.Append("<div class=\"scroll\"><table>\n<tr><th class=\"left\">missed</th><th class=\"left\">predicted instead</th><th>rows</th><th>share of the misses</th></tr>\n");
        foreach (LabelConfusion confusion in confusions)
        {
            long misses = _result.PerLabel[confusion.MissedLabel].Counts.FalseNegatives;
            _html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"name\">{HtmlText.Escape(_result.Labels[confusion.MissedLabel])}</td><td class=\"left name\">{HtmlText.Escape(_result.Labels[confusion.PredictedLabel])}</td><td>{PlotNumber.Count(confusion.Rows)}</td><td>{(double)confusion.Rows / misses:0%}</td></tr>\n");
        }

        _html.Append("</table></div>\n");
    }

    private void AppendCalibration()
    {
        AppendHeading("Probabilities", $"All labels pooled, in {_result.Calibration.Bins.Count} bins of equal width. A calibrated model's curve lies on the diagonal: of the labels given 30%, 30% are true.");
        _html.Append("<div class=\"pair\">\n<div>\n");
        AppendKey(("model", "the model"), ("truth", "as promised"));
        AppendFigure(ReliabilityPlot.Draw(_result.Calibration), $"Reliability; expected calibration error {PlotNumber.Three(_result.Calibration.ExpectedError)}, mean over labels {PlotNumber.Three(_result.CalibrationErrorMacro)}");
        _html.Append("</div>\n<div>\n");
        AppendKey(("model", "true labels"), ("truth", "labels that are not true"));
        AppendFigure(ScoreHistogramPlot.Draw(_result.Calibration), "Where the probabilities lie, each kind adding up to 100%, on a logarithmic axis");
        _html.Append("</div>\n</div>\n");
    }

    private void AppendMistakes()
    {
        IReadOnlyList<RowMistake> mistakes = RowMistake.Worst(_input, _result.Thresholds, _options.MistakeCount);
        if (mistakes.Count == 0)
        {
            return;
        }

        AppendHeading("The worst mistakes", "Rows with a wrong decision and the highest loss. Look here for wrong labels in the data, too.");
        _html.Append("<ol class=\"mistakes\">\n");
        foreach (RowMistake mistake in mistakes)
        {
            string text = _input.Texts is null ? "" : $"<span class=\"text\" dir=\"auto\">{HtmlText.Escape(HtmlText.Shorten(_input.Texts[mistake.Row], LongestText))}</span>";
            _html.Append(CultureInfo.InvariantCulture, $"<li>{text}<span class=\"row\">row {mistake.Row + 1}, loss {mistake.Loss:0.0}</span><br>");
            AppendTags(mistake.Row);
            _html.Append("</li>\n");
        }

        _html.Append("</ol>\n");
    }

    private void AppendTags(int row)
    {
        int labelCount = _result.Labels.Count;
        ReadOnlySpan<float> scores = _input.Scores.Span.Slice(row * labelCount, labelCount);
        ReadOnlySpan<bool> truth = _input.Truth.Span.Slice(row * labelCount, labelCount);
        for (int label = 0; label < labelCount; label++)
        {
            bool isPredicted = _result.Thresholds.IsAbove(label, scores[label]);
            if (isPredicted || truth[label])
            {
                string outcome = !truth[label] ? "wrong" : isPredicted ? "right" : "missed";
                _html.Append(CultureInfo.InvariantCulture, $"<span class=\"tag {outcome}\">{outcome}: {HtmlText.Escape(_result.Labels[label])} {Probability(scores[label])}</span>");
            }
        }
    }

    private void AppendTile(string name, double? value, ConfidenceInterval? interval = null)
    {
        string range = interval is ConfidenceInterval known ? $"<span>{Range(known)}</span>" : "";
        _html.Append(CultureInfo.InvariantCulture, $"<div class=\"tile\"><b>{OrDash(value)}</b><span>{name}</span>{range}</div>\n");
    }

    private void AppendHeading(string title, string explanation) =>
        _html.Append(CultureInfo.InvariantCulture, $"<h2>{title}</h2>\n<p class=\"soft\">{explanation}</p>\n");

    private void AppendParagraph(string html, string cssClass = "") =>
        _html.Append(CultureInfo.InvariantCulture, $"<p{(cssClass.Length == 0 ? "" : $" class=\"{cssClass}\"")}>{html}</p>\n");

    private void AppendFigure(string svg, string caption, bool isWide = false)
    {
        string figcaption = caption.Length == 0 ? "" : $"<figcaption>{caption}</figcaption>\n";
        _html.Append(CultureInfo.InvariantCulture, $"<figure{(isWide ? " class=\"scroll wide\"" : "")}>\n{svg}\n{figcaption}</figure>\n");
    }

    private void AppendKey(params ReadOnlySpan<(string Color, string Meaning)> entries)
    {
        _html.Append("<p class=\"soft\">");
        foreach ((string color, string meaning) in entries)
        {
            _html.Append(CultureInfo.InvariantCulture, $"<span class=\"key {color}\"></span>{meaning} ");
        }

        _html.Append("</p>\n");
    }

    private void AppendRow(string firstClass, params ReadOnlySpan<string> cells)
    {
        _html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"{firstClass}\">{cells[0]}</td>");
        foreach (string cell in cells[1..])
        {
            _html.Append(CultureInfo.InvariantCulture, $"<td>{cell}</td>");
        }

        _html.Append("</tr>\n");
    }

    private static string Plural(int count, string noun) => $"{PlotNumber.Count(count)} {noun}{(count == 1 ? "" : "s")}";

    private static string OrDash(double? value) => value is double number ? PlotNumber.Three(number) : "–";

    /// <summary>A probability in percent; what rounds to 0 or 100 without being it says so.</summary>
    private static string Probability(float probability) => probability switch
    {
        > 0f and < 0.001f => "&lt;0.1%",
        < 1f and > 0.999f => "&gt;99.9%",
        _ => probability.ToString("0.0%", CultureInfo.InvariantCulture),
    };

    private static string Range(ConfidenceInterval interval) => $"{PlotNumber.Three(interval.Lower)} – {PlotNumber.Three(interval.Upper)}";

    private static string ReadStyle()
    {
        using Stream stream = typeof(EvaluationReportPage).Assembly.GetManifestResourceStream("EvaluationReport.css")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
