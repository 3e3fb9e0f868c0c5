using System.CommandLine;
using System.Runtime.InteropServices;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Artifacts;
using GoEmotions.Onnx.Training.Export;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions import-checkpoint</c>: what ONNX Runtime's own training API trained, as a model directory.</summary>
internal static class ImportCheckpointCommand
{
    public static Command Create(CliConsole console)
    {
        var file = new Option<string>("--checkpoint") { Description = "The checkpoint that a TrainingSession saved, or that of the artifacts together with --parameters", Required = true, HelpName = "FILE" };
        var start = new Option<string>("--base") { Description = "The checkpoint that the artifacts were made of: configuration and vocabulary", Required = true, HelpName = "DIR" };
        var output = new Option<string>("--out") { Description = "The model directory to write", Required = true, HelpName = "DIR" };
        var parameters = new Option<string?>("--parameters") { Description = "The trained parameters as the JavaScript API's getContiguousParameters(true) gives them, float32", HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Replace a model directory that exists" };
        var command = new Command("import-checkpoint", "Make a model directory of a checkpoint that ONNX Runtime's own TrainingSession trained.") { file, start, output, parameters, force };
        command.SetAction(parse =>
        {
            using StagedDirectory staged = StagedDirectory.Create(parse.GetRequiredValue(output), parse.GetValue(force) ? ModelFiles.Names : null);
            ModelDirectory directory = ModelDirectory.Open(parse.GetRequiredValue(start));
            WordPieceTokenizer tokenizer = directory.LoadTokenizer();
            EncoderConfig config = EncoderConfig.Load(directory.ConfigFile) with { Labels = [.. directory.Config.Labels ?? EmotionLabels.GoEmotions] };
            IReadOnlyList<ParameterSpec> specs = config.Architecture.GetParameters(config);
            OrtCheckpoint checkpoint = Load(parse.GetRequiredValue(file), parse.GetValue(parameters), specs);
            var model = new Checkpoint(config, checkpoint.ToParameterSet(specs), new CheckpointReport());
            ModelFiles.WriteModel(staged.Path, model, tokenizer);
            staged.Commit();
            console.Note($"{parse.GetValue(output)}: {model.Parameters.ElementCount:N0} parameters{(checkpoint.Optimizer is { } state ? $" after {state.Step:N0} steps" : "")}; thresholds are to be tuned anew ('goemotions thresholds')");
        });
        return command;
    }

    private static OrtCheckpoint Load(string file, string? values, IReadOnlyList<ParameterSpec> specs)
    {
        OrtCheckpoint checkpoint = OrtCheckpointFile.Load(file);
        if (values is null)
        {
            return checkpoint;
        }

        byte[] bytes = File.ReadAllBytes(values);
        long expected = checkpoint.Trained.ElementCount * sizeof(float);
        return bytes.Length == expected
            ? checkpoint.WithTrainedValues(specs, MemoryMarshal.Cast<byte, float>(bytes))
            : throw new InvalidDataException($"{values} has {bytes.Length} bytes, expected {expected}: float32 of the {checkpoint.Trained.Count} trained parameters of {file}. Write what getContiguousParameters(true) gives.");
    }
}
