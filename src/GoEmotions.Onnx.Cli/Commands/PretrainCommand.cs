using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Pretraining;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions pretrain</c>: from texts without labels and a checkpoint to a checkpoint whose encoder knows their words.</summary>
internal static class PretrainCommand
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    public static Command Create(CliConsole console)
    {
        var defaults = new PretrainingOptions();
        var data = new Option<string[]>("--data") { Description = "Text files with one text a line, or data sets (CSV, TSV, JSONL), whose labels are not looked at; without any, the embedded sample", AllowMultipleArgumentsPerToken = true, HelpName = "FILES" };
        var start = new Option<string>("--base") { Description = "The checkpoint to start from, such as one of 'goemotions init'", Required = true, HelpName = "DIR" };
        var output = new Option<string>("--out") { Description = "The checkpoint to write, for 'goemotions train --base'", Required = true, HelpName = "DIR" };
        Option<int?> epochs = TextArguments.AtLeast("--epochs", 1, $"How often every text is seen (default {defaults.Epochs})");
        Option<int?> maxSteps = TextArguments.AtLeast("--max-steps", 1, "Stop after N optimizer steps");
        Option<int?> batchSize = TextArguments.AtLeast("--batch-size", 1, $"Texts in a batch (default {defaults.BatchSize})");
        Option<int?> maxLength = TextArguments.AtLeast("--max-length", 3, $"Cut each text to this many tokens (default {defaults.MaxLength})");
        var learningRate = new Option<double?>("--learning-rate") { Description = string.Create(CultureInfo.InvariantCulture, $"The peak learning rate (default {defaults.LearningRate})"), HelpName = "R" };
        var masking = new Option<double?>("--masking-probability") { Description = string.Create(CultureInfo.InvariantCulture, $"The share of tokens to hide, between 0 and 1 (default {defaults.MaskingProbability})"), HelpName = "P" };
        Option<int?> threads = TextArguments.AtLeast("--threads", 1, "Threads (default: the processors)");
        var seed = new Option<long>("--seed") { Description = "The seed of shuffles, hidden tokens and dropout", DefaultValueFactory = _ => defaults.Seed, HelpName = "N" };
        var force = new Option<bool>("--force") { Description = "Replace a checkpoint that exists" };
        var command = new Command("pretrain", "Train an encoder on texts without labels, by hiding words that it must guess.") { data, start, output, epochs, maxSteps, batchSize, maxLength, learningRate, masking, threads, seed, force };
        command.SetAction((parse, cancellation) =>
        {
            using StagedDirectory staged = StagedDirectory.Create(parse.GetRequiredValue(output), parse.GetValue(force) ? ModelFiles.Names : null);
            string directory = parse.GetRequiredValue(start);
            Checkpoint checkpoint = Load(directory, parse.GetValue(seed));
            WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(directory);
            var options = defaults with
            {
                Epochs = parse.GetValue(epochs) ?? defaults.Epochs,
                MaxSteps = parse.GetValue(maxSteps),
                BatchSize = parse.GetValue(batchSize) ?? defaults.BatchSize,
                MaxLength = parse.GetValue(maxLength) ?? Math.Min(defaults.MaxLength, Math.Min(tokenizer.MaxLength, checkpoint.Config.MaxPositionEmbeddings)),
                LearningRate = parse.GetValue(learningRate) ?? defaults.LearningRate,
                MaskingProbability = parse.GetValue(masking) ?? defaults.MaskingProbability,
                Threads = parse.GetValue(threads),
                Seed = parse.GetValue(seed),
            };
            using var trainer = new MaskedTokenTrainer(checkpoint, tokenizer, TrainingTexts.Read(parse.GetValue(data) ?? []), options);
            console.Note($"{trainer.TextCount:N0} texts, {trainer.TruncatedCount:N0} cut at {options.MaxLength} tokens, {trainer.UnusableCount:N0} without a word of the vocabulary left aside");
            ModelFiles.WriteCheckpoint(staged.Path, Train(trainer, console, cancellation), tokenizer);
            staged.Commit();
            console.Note($"{parse.GetValue(output)}: the pre-trained encoder, with the head it had");
            return Task.FromResult(GoEmotionsCommand.Success);
        });
        return command;
    }

    // An encoder without a head names no labels; the head that it gets is not trained here.
    private static Checkpoint Load(string directory, long seed)
    {
        string config = Path.Combine(directory, EncoderConfig.FileName);
        bool hasLabels = !File.Exists(config) || EncoderConfig.Load(config).Labels.Count > 0;
        return CheckpointDirectory.Load(directory, new CheckpointLoadOptions { Labels = hasLabels ? null : [.. EmotionLabels.GoEmotions], Seed = seed });
    }

    private static Checkpoint Train(MaskedTokenTrainer trainer, CliConsole console, CancellationToken cancellation)
    {
        long shown = Stopwatch.GetTimestamp();
        return trainer.Run(OnStep, OnEpoch, cancellation);

        void OnStep(TrainingProgress progress)
        {
            if (Stopwatch.GetElapsedTime(shown) >= ProgressInterval)
            {
                shown = Stopwatch.GetTimestamp();
                double seconds = progress.TrainingTime.TotalSeconds;
                TimeSpan left = progress.TrainingTime * ((double)(progress.StepCount - progress.StepNumber) / progress.StepNumber);
                console.Note(string.Create(CultureInfo.InvariantCulture, $"epoch {progress.EpochNumber}, step {progress.StepNumber:N0} of {progress.StepCount:N0}: loss {progress.Loss:0.000}, {progress.Samples / seconds:N0} texts/s, {left:h\\:mm\\:ss} left"));
            }
        }

        void OnEpoch(PretrainingEpoch epoch) => console.Note(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch.EpochNumber}: loss {epoch.Loss:0.000} nats per hidden token; {epoch.TrainingTime.TotalSeconds:N0} s"));
    }
}
