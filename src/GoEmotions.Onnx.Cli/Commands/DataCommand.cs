using System.CommandLine;
using System.Globalization;
using GoEmotions.Onnx.Training.Data;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions data</c>: from files to a clean, divided data set with a report.</summary>
internal static class DataCommand
{
    public static Command Create(CliConsole console)
    {
        Option<string[]> input = Files("--input", "CSV, TSV or JSONL files; without any, the embedded sample");
        Option<string[]> dev = Files("--dev", "Files with the development set, instead of a part of --input");
        Option<string[]> test = Files("--test", "Files with the test set");
        var output = new Option<string>("--out") { Description = "The folder to write: train.jsonl, dev.jsonl, labels.txt, data-report.json", Required = true, HelpName = "DIR" };
        var method = new Option<string>("--split") { Description = "random or stratified (iterative stratification by label)", DefaultValueFactory = _ => "random" };
        method.AcceptOnlyFromAmong("random", "stratified");
        Option<double?> devFraction = Fraction("--dev-fraction", "The part of the examples for development (default 0.2)");
        Option<double?> testFraction = Fraction("--test-fraction", "The part of the examples for a test set (default none)");
        Option<int?> sample = TextArguments.AtLeast("--sample", 1, "Draw N examples after cleaning");
        var seed = new Option<long>("--seed") { Description = "The seed of sample and split", DefaultValueFactory = _ => 42, HelpName = "S" };
        var dropUnclear = new Option<bool>("--drop-unclear") { Description = "Drop rows marked as too unclear to label" };
        var dropUnlabeled = new Option<bool>("--drop-unlabeled") { Description = "Drop rows without any label" };
        var raters = new Option<string>("--raters") { Description = "keep a row per rater, or merge the raters of a comment by majority (labels that two chose)", DefaultValueFactory = _ => "keep" };
        raters.AcceptOnlyFromAmong("keep", "majority");
        var taxonomy = new Option<string>("--taxonomy") { Description = "original, ekman, sentiment, or a JSON file of groups", DefaultValueFactory = _ => EmotionTaxonomy.OriginalName, HelpName = "NAME" };
        var textColumn = new Option<string>("--text-column") { Description = "The column or property with the text", DefaultValueFactory = _ => "text", HelpName = "NAME" };
        var labelColumns = new Option<string[]>("--label-columns") { Description = "The columns of a table that are labels; without it, those that bear a GoEmotions label's name or hold only 0 and 1", AllowMultipleArgumentsPerToken = true, HelpName = "NAMES" };
        var ignoreColumns = new Option<string[]>("--ignore-columns") { Description = "Columns of a table that are no labels, whatever they hold", AllowMultipleArgumentsPerToken = true, HelpName = "NAMES" };
        var force = new Option<bool>("--force") { Description = "Replace a data set folder that exists" };
        var command = new Command("data", "Read, clean and divide labelled texts.")
        {
            input, dev, test, output, method, devFraction, testFraction, sample, seed, dropUnclear, dropUnlabeled, raters, taxonomy, textColumn, labelColumns, ignoreColumns, force,
        };
        command.SetAction(parse =>
        {
            var split = new SplitOptions
            {
                Method = Enum.Parse<SplitMethod>(parse.GetRequiredValue(method), ignoreCase: true),
                DevFraction = parse.GetValue(devFraction) ?? new SplitOptions().DevFraction,
                TestFraction = parse.GetValue(testFraction) ?? 0,
                Seed = parse.GetValue(seed),
            };
            PreparedDataset prepared = DatasetPreparation.Prepare(new DatasetPreparationOptions
            {
                Inputs = parse.GetValue(input) ?? [],
                DevInputs = parse.GetValue(dev) ?? [],
                TestInputs = parse.GetValue(test) ?? [],
                OutputFolder = parse.GetRequiredValue(output),
                Overwrite = parse.GetValue(force),
                Split = split,
                Sample = parse.GetValue(sample),
                Cleaning = new CleaningOptions
                {
                    DropUnclear = parse.GetValue(dropUnclear),
                    DropUnlabeled = parse.GetValue(dropUnlabeled),
                    Raters = Enum.Parse<RaterPolicy>(parse.GetRequiredValue(raters), ignoreCase: true),
                },
                Reading = new DatasetReaderOptions
                {
                    TextColumn = parse.GetRequiredValue(textColumn),
                    LabelColumns = parse.GetValue(labelColumns) is { Length: > 0 } columns ? columns : null,
                    IgnoredColumns = parse.GetValue(ignoreColumns) ?? [],
                },
                Taxonomy = parse.GetRequiredValue(taxonomy),
            });
            WriteReport(console, prepared.Report);
            foreach (string warning in prepared.Report.Warnings)
            {
                console.Note($"warning: {warning}");
            }

            console.Note($"{parse.GetValue(output)}: {prepared.Split.Train.Count:N0} training and {prepared.Split.Dev.Count:N0} development examples{(prepared.Split.Test is { } tests ? $", {tests.Count:N0} for the test" : "")}");
        });
        return command;
    }

    private static Option<string[]> Files(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = "FILES" };

    private static Option<double?> Fraction(string name, string description)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = "F" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double value) && value is not (> 0 and < 1))
            {
                result.AddError($"{name} is {result.Tokens[0].Value}, expected a number between 0 and 1.");
            }
        });
        return option;
    }

    private static void WriteReport(CliConsole console, DataReport report)
    {
        var rows = new Table { Border = TableBorder.Rounded };
        rows.AddColumn("Rows").AddColumn(new TableColumn("Count").RightAligned()).AddColumn("Where");
        rows.AddRow("read", Number(report.Read), Markup.Escape(string.Join(", ", report.Sources.Select(source => $"{Path.GetFileName(source.File)} ({source.Format})"))));
        foreach ((string reason, DroppedRows dropped) in report.Dropped)
        {
            rows.AddRow($"dropped: {reason}", Number(dropped.Count), Markup.Escape(string.Join(", ", dropped.Lines.Take(3)) + (dropped.Count > 3 ? ", ..." : "")));
        }

        rows.AddRow("merged with another rater's row", Number(report.Merged), "");
        rows.AddRow("kept", Number(report.Kept), $"{Number(report.Unclear)} unclear, {Number(report.Unlabeled)} without label, {Number(report.DuplicateTexts)} with the text of an earlier row");
        console.Write(rows);

        var labels = new Table { Border = TableBorder.Rounded };
        labels.AddColumn("Label").AddColumn(new TableColumn("Kept").RightAligned()).AddColumn(new TableColumn("Train").RightAligned()).AddColumn(new TableColumn("Dev").RightAligned());
        foreach ((string label, int count) in report.LabelsAfter)
        {
            labels.AddRow(Markup.Escape(label), Number(count), Number(report.Split?.TrainLabels[label] ?? 0), Number(report.Split?.DevLabels[label] ?? 0));
        }

        console.Write(labels);
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
