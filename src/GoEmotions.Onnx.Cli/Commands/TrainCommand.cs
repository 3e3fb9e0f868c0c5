using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Evaluation;
using GoEmotions.Onnx.Training.Export;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions train</c>: from labelled texts and a checkpoint to a model directory with thresholds and a report.</summary>
internal static class TrainCommand
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    public static Command Create(CliConsole console)
    {
        var data = new Option<string[]>("--data") { Description = "A folder of 'goemotions data', or CSV, TSV or JSONL files (80/20 split); without it, the embedded sample", AllowMultipleArgumentsPerToken = true, HelpName = "FILE|DIR" };
        var start = new Option<string>("--base") { Description = "The checkpoint to start from, such as one of 'goemotions init'", Required = true, HelpName = "DIR" };
        var output = new Option<string>("--out") { Description = "The run folder to write: model/, metrics.jsonl, report.html", Required = true, HelpName = "DIR" };
        Option<int?> epochs = TextArguments.AtLeast("--epochs", 1, "How often every text is seen (default 4)");
        Option<int?> maxSteps = TextArguments.AtLeast("--max-steps", 1, "Stop after N optimizer steps");
        Option<int?> batchSize = TextArguments.AtLeast("--batch-size", 1, "Texts in a batch (default 16)");
        Option<int?> maxLength = TextArguments.AtLeast("--max-length", 2, "Cut each text to this many tokens (default 128)");
        var learningRate = new Option<double?>("--learning-rate") { Description = "The peak learning rate (default 5e-5; about 1e-3 for a tiny random checkpoint)", HelpName = "R" };
        var seed = new Option<long>("--seed") { Description = "The seed of split, shuffles and dropout", DefaultValueFactory = _ => 42, HelpName = "N" };
        var force = new Option<bool>("--force") { Description = "Replace a run folder that exists" };
        var command = new Command("train", "Fine-tune a checkpoint on labelled texts.") { data, start, output, epochs, maxSteps, batchSize, maxLength, learningRate, seed, force };
        command.SetAction((parse, cancellation) =>
        {
            using StagedDirectory staged = StagedDirectory.Create(parse.GetRequiredValue(output), parse.GetValue(force) ? RunFileNames.All : null);
            DatasetSplit split = DatasetPreparation.Prepare(new DatasetPreparationOptions
            {
                Inputs = parse.GetValue(data) ?? [],
                Split = new SplitOptions { Seed = parse.GetValue(seed) },
            }).Split;
            string directory = parse.GetRequiredValue(start);
            Checkpoint checkpoint = CheckpointDirectory.Load(directory, new CheckpointLoadOptions { Labels = [.. split.Labels], Seed = parse.GetValue(seed) });
            foreach (string line in checkpoint.Report.Describe())
            {
                console.Note($"{directory}: {line}");
            }

            WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(directory);
            var defaults = new TrainingOptions();
            var options = defaults with
            {
                Epochs = parse.GetValue(epochs) ?? defaults.Epochs,
                MaxSteps = parse.GetValue(maxSteps),
                BatchSize = parse.GetValue(batchSize) ?? defaults.BatchSize,
                MaxLength = parse.GetValue(maxLength) ?? Math.Min(defaults.MaxLength, Math.Min(tokenizer.MaxLength, checkpoint.Config.MaxPositionEmbeddings)),
                LearningRate = parse.GetValue(learningRate) ?? defaults.LearningRate,
                Seed = parse.GetValue(seed),
                BestMetric = BestMetric.MeanAveragePrecision,
            };
            using var trainer = new Trainer(checkpoint, tokenizer, split.Train, split.Dev, options);
            console.Note($"{split.Train.Count:N0} training and {split.Dev.Count:N0} development texts, {trainer.TruncatedCount:N0} cut at {options.MaxLength} tokens");
            TrainingResult result = Train(trainer, console, cancellation);
            Write(staged.Path, checkpoint.Config, tokenizer, split.Dev, result);
            staged.Commit();
            console.Note($"{parse.GetValue(output)}: the model of epoch {result.Best!.EpochNumber} in model/, its thresholds tuned on the development texts");
            return Task.FromResult(GoEmotionsCommand.Success);
        });
        return command;
    }

    private static TrainingResult Train(Trainer trainer, CliConsole console, CancellationToken cancellation)
    {
        long shown = Stopwatch.GetTimestamp();
        TrainingResult result = trainer.Run(new TrainingRunOptions { OnStep = OnStep, OnEvaluation = OnEvaluation }, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return result;

        void OnStep(TrainingProgress progress)
        {
            if (Stopwatch.GetElapsedTime(shown) < ProgressInterval)
            {
                return;
            }

            shown = Stopwatch.GetTimestamp();
            double seconds = progress.TrainingTime.TotalSeconds;
            TimeSpan left = progress.TrainingTime * ((double)(progress.StepCount - progress.StepNumber) / progress.StepNumber);
            console.Note(string.Create(CultureInfo.InvariantCulture, $"epoch {progress.EpochNumber}, step {progress.StepNumber:N0} of {progress.StepCount:N0}: loss {progress.Loss:0.0000}, {progress.Samples / seconds:N0} texts/s, {progress.Tokens / seconds:N0} tokens/s, {left:h\\:mm\\:ss} left"));
        }

        void OnEvaluation(EvaluationRecord evaluation, EvaluationResult details) => console.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {evaluation.EpochNumber}: training loss {evaluation.TrainingLoss:0.0000}; development loss {evaluation.Loss:0.0000}, micro F1 {evaluation.Micro.F1:0.0000}, mean average precision {evaluation.AveragePrecisionMacro:0.0000}{(evaluation.IsBest ? " (best)" : "")}; {evaluation.SamplesPerSecond:N0} texts/s"));
    }

    private static void Write(string path, EncoderConfig config, WordPieceTokenizer tokenizer, EmotionDataset development, TrainingResult result)
    {
        string model = Directory.CreateDirectory(Path.Combine(path, "model")).FullName;
        var checkpoint = new Checkpoint(config, result.BestParameters!, new CheckpointReport());
        CheckpointDirectory.Save(checkpoint, model);
        TokenizerFiles.Write(tokenizer, model);
        Directory.CreateDirectory(Path.Combine(model, "onnx"));
        ModelFile.Save(ClassifierGraph.FromCheckpoint(checkpoint).ToModel(), Path.Combine(model, "onnx", "model.onnx"));
        using EmotionClassifier classifier = EmotionClassifier.Load(model);
        ScoredDataset scored = ScoredDataset.Score(classifier, development);
        LabelThresholds thresholds = ThresholdSearch.Find(classifier.Labels, scored.Probabilities, scored.Truth).Thresholds;
        thresholds.Save(ModelDirectory.ThresholdsFileOf(model));
        EvaluationInput input = scored.ToEvaluationInput(thresholds, Path.GetFileName(model), "development split");
        EvaluationReport.Save(Path.Combine(path, "report.html"), input, Evaluator.Evaluate(input));
        using StreamWriter metrics = File.CreateText(Path.Combine(path, "metrics.jsonl"));
        using var lines = new JsonLines(metrics);
        foreach (EvaluationRecord evaluation in result.Evaluations)
        {
            lines.WriteObject(writer =>
            {
                writer.WriteNumber("epoch", evaluation.EpochNumber);
                writer.WriteNumber("step", evaluation.StepNumber);
                writer.WriteNumber("training_loss", evaluation.TrainingLoss);
                writer.WriteNumber("loss", evaluation.Loss);
                writer.WriteNumber("micro_f1", evaluation.Micro.F1);
                writer.WriteNumber("macro_f1", evaluation.Macro.F1);
                writer.WriteBoolean("best", evaluation.IsBest);
                writer.WriteNumber("samples_per_second", evaluation.SamplesPerSecond);
                writer.WriteNumber("training_seconds", evaluation.TrainingTime.TotalSeconds);
                writer.WriteNumber("working_set_bytes", evaluation.WorkingSetInBytes);
            });
        }
    }
}
