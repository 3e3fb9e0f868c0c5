using System.CommandLine;
using System.Globalization;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Artifacts;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions artifacts</c>: what ONNX Runtime's own training API trains a classifier with.</summary>
internal static class ArtifactsCommand
{
    private const string PyTorch = "pytorch";
    private const string HuggingFace = "huggingface";

    public static Command Create(CliConsole console)
    {
        var start = new Option<string>("--base") { Description = "The checkpoint to start from, such as one of 'goemotions init'", Required = true, HelpName = "DIR" };
        var output = new Option<string>("--out") { Description = "The folder to write: training_model.onnx, eval_model.onnx, optimizer_model.onnx, checkpoint", Required = true, HelpName = "DIR" };
        var dropout = new Option<double?>("--dropout") { Description = "The probability of dropping an element instead of the checkpoint's own; 0 for no dropout", HelpName = "P" };
        var freeze = new Option<string?>("--freeze") { Description = "Parts that are not trained, such as embeddings,encoder.0-3", HelpName = "PARTS" };
        var clip = new Option<double?>("--clip") { Description = "Scale the gradients down to this norm of all together", HelpName = "N" };
        var mode = new Option<string>("--adam-mode") { Description = "Whose AdamW: pytorch or huggingface", DefaultValueFactory = _ => PyTorch };
        mode.AcceptOnlyFromAmong(PyTorch, HuggingFace);
        var weightDecay = new Option<double?>("--weight-decay") { Description = "AdamW's weight decay, of all trained parameters (default 0.01)", HelpName = "D" };
        var scale = new Option<double?>("--learning-rate-scale") { Description = "A factor of the learning rate: the JavaScript API's own is always 0.001", HelpName = "F" };
        var version = new Option<int>("--checkpoint-version") { Description = "2 for ONNX Runtime 1.18 and 1.19, 1 for 1.16 and 1.17", DefaultValueFactory = _ => OrtCheckpoint.CurrentVersion, HelpName = "V" };
        version.AcceptOnlyFromAmong("1", OrtCheckpoint.CurrentVersion.ToString(CultureInfo.InvariantCulture));
        var seed = new Option<long>("--seed") { Description = "The seed of a head that the checkpoint lacks", DefaultValueFactory = _ => 42, HelpName = "N" };
        var force = new Option<bool>("--force") { Description = "Replace a folder of training artifacts that exists" };
        var command = new Command("artifacts", "Write the files that ONNX Runtime's own TrainingSession trains with.") { start, output, dropout, freeze, clip, mode, weightDecay, scale, version, seed, force };
        command.SetAction(parse =>
        {
            using StagedDirectory staged = StagedDirectory.Create(parse.GetRequiredValue(output), parse.GetValue(force) ? ArtifactFileNames.All : null);
            string directory = parse.GetRequiredValue(start);
            EmotionLabels labels = ModelDirectory.Open(directory).Config.Labels ?? EmotionLabels.GoEmotions;
            Checkpoint checkpoint = CheckpointDirectory.Load(directory, new CheckpointLoadOptions { Labels = [.. labels], Seed = parse.GetValue(seed) });
            foreach (string line in checkpoint.Report.Describe())
            {
                console.Note($"{directory}: {line}");
            }

            var defaults = new AdamWOptions();
            var artifacts = TrainingArtifacts.Create(checkpoint.Config, new TrainingArtifactsOptions
            {
                Dropout = parse.GetValue(dropout),
                Trains = FrozenParts.Parse(parse.GetValue(freeze) ?? "").ToTrains(checkpoint.Config),
                ClipNorm = parse.GetValue(clip),
                LearningRateScale = parse.GetValue(scale),
                CheckpointVersion = parse.GetValue(version),
                Optimizer = defaults with
                {
                    WeightDecay = parse.GetValue(weightDecay) ?? defaults.WeightDecay,
                    Mode = parse.GetValue(mode) == HuggingFace ? AdamWMode.HuggingFace : AdamWMode.PyTorch,
                },
            });
            OrtCheckpoint begun = artifacts.CreateCheckpoint(checkpoint.Parameters);
            artifacts.Save(begun, staged.Path);
            staged.Commit();
            console.Note($"{parse.GetValue(output)}: {checkpoint.Config.ModelType}, {begun.Trained.ElementCount:N0} trained and {begun.Frozen.ElementCount:N0} frozen parameters, {labels.Count} labels, checkpoint version {parse.GetValue(version)}");
        });
        return command;
    }
}
