using System.CommandLine;
using System.Globalization;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Training.Evaluation;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions thresholds</c>: one threshold per label, tuned on labelled texts.</summary>
internal static class ThresholdsCommand
{
    private static readonly Dictionary<string, ThresholdMethod> Methods = new() { ["f1"] = ThresholdMethod.HighestF1, ["expected-f1"] = ThresholdMethod.ExpectedF1 };

    public static Command Create(CliConsole console)
    {
        var model = new Option<string>("--model") { Description = "Model directory", Required = true, HelpName = "DIR" };
        var data = new Option<string>("--data") { Description = "Labelled texts that the model was not trained on, and is not reported on", Required = true, HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = "The file to write; without it, thresholds.json in the model directory", HelpName = "FILE" };
        Option<int?> minimumPositives = TextArguments.AtLeast("--minimum-positives", 1, "A label with fewer positives gets the pooled threshold (default 5)");
        Option<string?> method = CheckedOption.OneOf("--method", "f1: the highest F1 on the texts (the default); expected-f1: the highest that the model expects, once its probabilities are calibrated on them", [.. Methods.Keys]);
        var force = new Option<bool>("--force") { Description = "Replace the file if it exists" };
        var command = new Command("thresholds", "Tune a threshold per label for the best F1, and save them with the model.") { model, data, output, method, minimumPositives, force };
        command.SetAction(parse =>
        {
            string directory = parse.GetRequiredValue(model);
            string path = parse.GetValue(output) ?? ModelDirectory.ThresholdsFileOf(directory);
            OutputFile.Check(path, parse.GetValue(force));
            using EmotionClassifier classifier = CheckpointClassifier.Load(directory, console.Note);
            ScoredDataset scored = ScoredDataset.Score(classifier, parse.GetRequiredValue(data), console.Note);
            var options = new ThresholdSearchOptions
            {
                Split = Path.GetFileName(Path.TrimEndingDirectorySeparator(parse.GetRequiredValue(data))),
                Method = parse.GetValue(method) is string name ? Methods[name] : ThresholdMethod.HighestF1,
            };
            ThresholdSearchResult result = ThresholdSearch.Find(
                classifier.Labels, scored.Probabilities, scored.Truth, parse.GetValue(minimumPositives) is int minimum ? options with { MinimumPositives = minimum } : options);
            result.Thresholds.Save(path);

            var table = new Table { Border = TableBorder.Rounded };
            table.AddColumn("Label").AddColumn(new TableColumn("Positives").RightAligned()).AddColumn(new TableColumn("Threshold").RightAligned()).AddColumn(new TableColumn("F1 here").RightAligned());
            foreach ((int label, ThresholdChoice choice) in result.Choices.Index())
            {
                string threshold = choice.Threshold.ToString("0.0000", CultureInfo.InvariantCulture) + (choice.IsFallback ? " (pooled)" : "");
                table.AddRow(Markup.Escape(classifier.Labels[label]), choice.Positives.ToString(CultureInfo.InvariantCulture), threshold, choice.F1.ToString("0.0000", CultureInfo.InvariantCulture));
            }

            console.Write(table);
            console.Note($"{path}: {classifier.Labels.Count} thresholds, tuned on {scored.Dataset.Count:N0} texts");
        });
        return command;
    }
}
