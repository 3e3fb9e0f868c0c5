using System.CommandLine;
using GoEmotions.Onnx.Cli.Commands;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Export;

namespace GoEmotions.Onnx.Cli.Runs;

/// <summary>What an export takes: a model, and the record of its training where there is one. Immutable.</summary>
internal sealed record ExportSource
{
    private const string ModelFolderName = "model";

    /// <summary>The files of a data set's folder that a model may be measured on.</summary>
    private static readonly string[] MeasuredFiles = ["dev.jsonl", "test.jsonl", "dev.tsv", "test.tsv"];

    public required string Model { get; init; }

    /// <summary>The record, or null.</summary>
    public required RunRecord? Run { get; init; }

    /// <summary>Finds model and record.</summary>
    /// <param name="path">A model directory, or a run folder.</param>
    /// <param name="run">The run folder where it was named, or null to look around the model.</param>
    public static ExportSource Find(string path, string? run)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string inside = Path.Combine(path, ModelFolderName);
        bool isRun = RunRecord.Exists(full) && !File.Exists(Path.Combine(full, "config.json"));
        string? found = isRun ? path : Path.GetFileName(full) == ModelFolderName && RunRecord.Exists(Path.GetDirectoryName(full)!) ? Path.GetDirectoryName(full) : null;
        if (isRun && !Directory.Exists(inside))
        {
            throw new DirectoryNotFoundException($"{inside} does not exist, expected the model of the run in {path}. Finish the training first ('goemotions train --out {path} --resume').");
        }

        return new ExportSource { Model = isRun ? inside : path, Run = (run ?? found) is string folder ? RunRecord.Load(folder) : null };
    }

    /// <summary>The labelled texts of a file, or of a data set's folder, each file under its name.</summary>
    public static IEnumerable<EvaluationSplit> ReadSplits(string path, EmotionLabels labels, Action<string> note)
    {
        string[] files = Directory.Exists(path) ? [.. MeasuredFiles.Select(name => Path.Combine(path, name)).Where(File.Exists)] : [path];
        if (files.Length == 0)
        {
            throw new FileNotFoundException($"{path} has none of {string.Join(", ", MeasuredFiles)}, expected a data set of 'goemotions data' or 'goemotions fetch'. Name a file.", path);
        }

        return files.Select(file => new EvaluationSplit(Path.GetFileNameWithoutExtension(file), LabelledTexts.Read(file, labels, note)));
    }

    /// <summary>What the texts are that int8 is judged by, for the card: those of <see cref="DataOptions"/>.</summary>
    public string DescribeGateTexts(IReadOnlyList<string> data, IReadOnlyList<string> dev) =>
        dev.Count > 0 ? string.Join(", ", dev.Select(Path.GetFileName))
        : data.Count > 0 ? $"the development split of {string.Join(", ", data.Select(path => Path.GetFileName(Path.TrimEndingDirectorySeparator(path))))}"
        : Run is not null ? "the development split of the training"
        : "the development split of the sample that the tool brings, which is not this model's";

    /// <summary>The data that int8 is calibrated with and judged by: what is given, else what the run was trained on, else the embedded sample.</summary>
    public DatasetPreparationOptions DataOptions(IReadOnlyList<string> data, IReadOnlyList<string> dev, EmotionLabels labels)
    {
        if (data.Count > 0 || dev.Count > 0 || Run is null)
        {
            return new DatasetPreparationOptions { Inputs = data, DevInputs = dev, Reading = new DatasetReaderOptions { Labels = data.Count > 0 ? labels : null } };
        }

        var options = new TrainOptions();
        var command = new Command(TrainCommand.Name);
        foreach (Option option in options.All)
        {
            command.Add(option);
        }

        return options.DataOptions(command.Parse([.. Run.Arguments, options.Output.Name, Model], new ParserConfiguration { ResponseFileTokenReplacer = null }));
    }
}
