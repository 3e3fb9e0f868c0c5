using System.CommandLine;
using System.Globalization;
using GoEmotions.Onnx.Cli.Runs;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Quantization;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions export</c>: a trained model as the directory that the engine and other programs load.</summary>
internal static class ExportCommand
{
    private static readonly Dictionary<string, ServingPrecision> Precisions = new()
    {
        ["fp32"] = ServingPrecision.Float32,
        ["int8"] = ServingPrecision.Int8,
        ["fp16"] = ServingPrecision.Float16,
    };

    private static readonly Dictionary<string, ExportedGraphs> GraphsFor = new()
    {
        ["all"] = ExportedGraphs.All,
        ["portable"] = ExportedGraphs.Portable,
        ["serving"] = ExportedGraphs.Serving,
    };

    private static readonly Dictionary<string, ElementType?> WeightTypes = new() { ["f32"] = ElementType.Float32, ["f16"] = ElementType.Float16, ["none"] = null };

    public static Command Create(CliConsole console)
    {
        var options = new ExportOptions(Precisions.Keys, GraphsFor.Keys, WeightTypes.Keys);
        var command = new Command("export", "Write a trained model for the engine and for other programs, with a model card.");
        foreach (Option option in options.All)
        {
            command.Add(option);
        }

        // On a thread of its own, so that Ctrl-C reaches the export as a cancellation.
        command.SetAction((parse, cancellation) => Task.Run(() => Export(parse, options, console, cancellation), CancellationToken.None));
        return command;
    }

    private static int Export(ParseResult parse, ExportOptions options, CliConsole console, CancellationToken cancellation)
    {
        string destination = parse.GetRequiredValue(options.Output);
        bool force = parse.GetValue(options.Force);
        StagedDirectory.CheckReplaceable(destination, force ? ModelFiles.Names : null);
        var source = ExportSource.Find(parse.GetRequiredValue(options.Model), parse.GetValue(options.Run));
        EmotionLabels labels = ModelDirectory.Open(source.Model).Config.Labels
            ?? throw new InvalidDataException($"{Path.Combine(source.Model, "config.json")}: 'id2label' is missing, expected the names of the model's labels. Train the model first.");
        string names = parse.GetValue(options.Variants) ?? string.Join(',', Precisions.Keys);
        ServingPrecision[] variants = [.. ExportOptions.Split(names).Select(name => Precisions[name])];
        var graphs = new ServingExportOptions { Variants = variants, Graphs = GraphsFor[parse.GetValue(options.Graphs) ?? "all"] };
        if (variants.Contains(ServingPrecision.Int8))
        {
            PreparedDataset prepared = DatasetPreparation.Prepare(source.DataOptions(parse.GetValue(options.Data) ?? [], parse.GetValue(options.Dev) ?? [], labels));
            graphs = graphs with { CalibrationTexts = Spread(prepared.Split.Train, graphs.Calibration.MaxTexts), GateDataset = prepared.Split.Dev };
        }

        ModelExportResult result = ModelExporter.Export(source.Model, destination, new ModelExportOptions
        {
            Graphs = graphs,
            WeightType = WeightTypes[parse.GetValue(options.Weights) ?? "f32"],
            Card = new ModelCardOptions
            {
                Name = parse.GetValue(options.Name),
                License = parse.GetValue(options.License),
                Language = parse.GetValue(options.Language) ?? new ModelCardOptions().Language,
                Run = source.Run,
                Evaluations = [.. (parse.GetValue(options.Evaluate) ?? []).SelectMany(path => ExportSource.ReadSplits(path, labels, console.Note))],
                GateTexts = source.DescribeGateTexts(parse.GetValue(options.Data) ?? [], parse.GetValue(options.Dev) ?? []),
                MeasuresLatency = parse.GetValue(options.MeasureLatency),
                Notes = parse.GetValue(options.Notes) is string notes ? File.ReadAllText(notes) : null,
            },
            Overwrite = force,
        }, cancellation);
        Note(console, ServingExport.FileNameOf(ServingPrecision.Int8), result.Gate);
        Note(console, ServingExport.PortableFileNameOf(ServingPrecision.Int8), result.PortableGate);
        var table = new Table { Border = TableBorder.Rounded }.AddColumn("File").AddColumn(new TableColumn("Bytes").RightAligned());
        foreach ((string name, long size) in result.Files)
        {
            table.AddRow(Markup.Escape(name), size.ToString("N0", CultureInfo.InvariantCulture));
        }

        table.AddRow("together", result.Files.Sum(file => file.Value).ToString("N0", CultureInfo.InvariantCulture));
        console.Write(table);
        return GoEmotionsCommand.Success;
    }

    private static void Note(CliConsole console, string file, QuantizationGateResult? gate)
    {
        if (gate is not null)
        {
            console.Note($"{file}: {gate.Describe()}{(gate.Passed ? "" : "; it is not written")}");
        }
    }

    // Evenly over the training split, so that no part of the file is left out.
    private static string[] Spread(EmotionDataset dataset, int count)
    {
        int taken = Math.Min(count, dataset.Count);
        return [.. Enumerable.Range(0, taken).Select(index => dataset[(int)((long)index * dataset.Count / taken)].Text)];
    }
}
