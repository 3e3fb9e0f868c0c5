using System.CommandLine;
using System.Globalization;
using System.Text;
using GoEmotions.Onnx.Training.Evaluation;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions evaluate</c>: the metrics of a model on labelled texts.</summary>
internal static class EvaluateCommand
{
    public static Command Create(CliConsole console)
    {
        Option<string?> model = ModelOption.Create("Model directory");
        var data = new Option<string>("--data") { Description = "Labelled texts: CSV, TSV or JSONL, or a folder of 'goemotions data' (its development split)", Required = true, HelpName = "FILE" };
        var thresholds = new Option<string?>("--thresholds") { Description = "A thresholds.json, or one probability for all labels; without it, the model's own, else 0.5", HelpName = "FILE|T" };
        var json = new Option<bool>("--json") { Description = "The metrics as JSON" };
        var report = new Option<string?>("--report") { Description = "Write a self-contained HTML page", HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Replace the report if it exists" };
        var command = new Command("evaluate", "Measure a model on labelled texts.") { model, data, thresholds, json, report, force };
        command.SetAction(parse =>
        {
            string? page = parse.GetValue(report);
            if (page is not null)
            {
                OutputFile.Check(page, parse.GetValue(force));
            }

            string directory = parse.ResolveModel(model);
            using EmotionClassifier classifier = CheckpointClassifier.Load(directory, console.Note);
            LabelThresholds chosen = ChooseThresholds(parse.GetValue(thresholds), directory, classifier.Labels);
            ScoredDataset scored = ScoredDataset.Score(classifier, parse.GetRequiredValue(data), console.Note);
            EvaluationInput input = scored.ToEvaluationInput(chosen, NameOf(directory), NameOf(parse.GetRequiredValue(data)));
            EvaluationResult result = Evaluator.Evaluate(input);
            if (page is not null)
            {
                EvaluationReport.Save(page, input, result);
                console.Note($"{page}: written");
            }

            if (parse.GetValue(json))
            {
                using var stream = new MemoryStream();
                result.WriteJson(stream);
                console.Output.WriteLine(Encoding.UTF8.GetString(stream.ToArray()).TrimEnd());
                return;
            }

            WriteTables(console, result);
        });
        return command;
    }

    private static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    private static LabelThresholds ChooseThresholds(string? given, string directory, EmotionLabels labels)
    {
        if (given is null)
        {
            return CheckpointClassifier.FindThresholds(directory, labels) ?? LabelThresholds.Uniform(labels);
        }

        if (!float.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out float threshold))
        {
            return File.Exists(given) ? LabelThresholds.Load(given, labels)
                : throw new FileNotFoundException($"{given} does not exist, expected a thresholds.json, or a probability such as 0.5.", given);
        }

        return threshold is >= 0 and <= 1
            ? LabelThresholds.Uniform(labels, threshold)
            : throw new ArgumentException($"--thresholds is {given}, expected a probability in [0, 1] or a thresholds.json.");
    }

    private static void WriteTables(CliConsole console, EvaluationResult result)
    {
        var metrics = new Table { Border = TableBorder.Rounded };
        metrics.AddColumn("Metric").AddColumn(new TableColumn("Value").RightAligned()).AddColumn("95% interval");
        BootstrapIntervals? intervals = result.Intervals;
        metrics.AddRow("rows", result.Rows.ToString("N0", CultureInfo.InvariantCulture), "");
        metrics.AddRow("loss", Number(result.Loss), "");
        metrics.AddRow("micro F1", Number(result.Micro.F1), Interval(intervals?.MicroF1));
        metrics.AddRow("macro F1", Number(result.Macro.F1), Interval(intervals?.MacroF1));
        metrics.AddRow("weighted F1", Number(result.Weighted.F1), Interval(intervals?.WeightedF1));
        metrics.AddRow("subset accuracy", Number(result.SubsetAccuracy), Interval(intervals?.SubsetAccuracy));
        metrics.AddRow("Hamming loss", Number(result.HammingLoss), "");
        metrics.AddRow("ROC AUC micro / macro", $"{Number(result.RocAucMicro)} / {Number(result.RocAucMacro)}", "");
        metrics.AddRow("ROC AUC of decisions (notebook)", Number(result.RocAucMicroThresholded), "");
        metrics.AddRow("mean average precision", Number(result.AveragePrecisionMacro), "");
        metrics.AddRow("calibration error", Number(result.Calibration.ExpectedError), "");
        console.Write(metrics);

        var labels = new Table { Border = TableBorder.Rounded };
        labels.AddColumn("Label");
        foreach (string column in new[] { "Support", "Threshold", "Precision", "Recall", "F1", "AP" })
        {
            labels.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (LabelMetrics label in result.PerLabel)
        {
            PrecisionRecallF1 scores = label.Counts.Scores;
            labels.AddRow(
                Markup.Escape(label.Name), label.Counts.Support.ToString(CultureInfo.InvariantCulture), Number(label.Threshold),
                Number(scores.Precision), Number(scores.Recall), Number(scores.F1), Number(label.AveragePrecision));
        }

        console.Write(labels);
    }

    private static string Number(double? value) => value is double number ? number.ToString("0.0000", CultureInfo.InvariantCulture) : "-";

    private static string Interval(ConfidenceInterval? interval) => interval is { } bounds ? $"{Number(bounds.Lower)} to {Number(bounds.Upper)}" : "";
}
