using System.CommandLine;
using System.Globalization;
using GoEmotions.Onnx.Cli.Commands;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Checkpoints;
using GoEmotions.Onnx.Training.Evaluation;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Monitoring;

namespace GoEmotions.Onnx.Cli.Runs;

/// <summary>A training from its first step, or from a checkpoint, to the model directory and the report.</summary>
internal sealed class TrainingRun(CliConsole console, TrainOptions options)
{
    private const int DefaultKeep = 2;
    private const int DefaultLogSteps = 10;

    /// <summary>Trains.</summary>
    /// <param name="parse">The command line; for a resumed run, with the options that the run was started with.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="resumes">Whether to go on from the newest checkpoint.</param>
    /// <param name="cancellation">Ends the training with a checkpoint.</param>
    public async Task<int> ExecuteAsync(ParseResult parse, RunFolder folder, bool resumes, CancellationToken cancellation)
    {
        RunInput input = RunInput.Read(parse, options, console.Note);
        float[]? teacherScores = input.Teachers.Count == 0 ? null
            : resumes ? TeacherScores.Load(folder.TeacherScores, input.Training)
            : await TeacherScores.ScoreAsync(input.Teachers, input.Training, input.Options.Threads, console, cancellation);
        Distillation? distillation = teacherScores is null ? null : new Distillation { TeacherProbabilities = teacherScores, Weight = input.TeacherWeight };
        using var trainer = new Trainer(input.Checkpoint, input.Tokenizer, input.Training, input.Development, input.Options, distillation);
        cancellation.ThrowIfCancellationRequested();
        console.Note(string.Create(CultureInfo.InvariantCulture, $"{input.Training.Count:N0} training and {input.Development.Count:N0} development texts, {trainer.TruncatedCount:N0} cut at {input.Options.MaxLength} tokens; {trainer.StepCount:N0} steps"));
        IReadOnlyList<KeyValuePair<string, string>> settings = RunSettings.Describe(input, trainer);
        if (!resumes)
        {
            folder.CreateNew();
            if (teacherScores is not null)
            {
                TeacherScores.Save(folder.TeacherScores, teacherScores, input.Training);
            }

            new RunConfiguration { Arguments = options.Given(parse), Settings = settings, Environment = WithVersion(trainer.Environment) }.Save(folder);
        }

        using CheckpointFolder checkpoints = CheckpointFolder.Open(folder.Checkpoints, parse.GetValue(options.Keep) ?? DefaultKeep);
        int? resumedAtStep = resumes ? Restore(trainer, checkpoints, folder) : null;
        TrainingResult result;
        using (TrainingRecorder recorder = TrainingRecorder.Open(folder.Path, resumedAtStep, parse.GetValue(options.LogSteps) ?? DefaultLogSteps))
        {
            await using ProgressDisplay display = ProgressDisplay.Start(console, "train", trainer.StepCount);
            result = trainer.Run(
                new TrainingRunOptions
                {
                    Checkpoints = checkpoints,
                    CheckpointSteps = parse.GetValue(options.CheckpointSteps),
                    OnStep = progress =>
                    {
                        recorder.Record(progress);
                        display.Update(progress.StepNumber, () => Describe(progress));
                    },
                    OnEvaluation = (record, evaluation) =>
                    {
                        recorder.Record(record, evaluation);
                        display.Note(Describe(record));
                    },
                },
                cancellation);
        }

        if (result.End == TrainingEnd.Cancelled)
        {
            console.Note($"interrupted at step {result.StepNumber.ToString("N0", CultureInfo.InvariantCulture)} of {trainer.StepCount.ToString("N0", CultureInfo.InvariantCulture)}; {result.CheckpointPath} holds the training. Go on with:");
            console.Note($"  {ThisProgram.Command} train --out {ThisProgram.Quote(folder.Path)} --resume");
            return GoEmotionsCommand.Interrupted;
        }

        if (result.End == TrainingEnd.Patience)
        {
            console.Note($"stopped early at step {result.StepNumber.ToString("N0", CultureInfo.InvariantCulture)}: {input.Options.Patience} evaluations without a new best");
        }

        WriteModel(folder, input, result, settings);
        return GoEmotionsCommand.Success;
    }

    private int Restore(Trainer trainer, CheckpointFolder checkpoints, RunFolder folder)
    {
        using TrainingCheckpoint checkpoint = checkpoints.OpenLatest(out IReadOnlyList<string> notes)
            ?? throw new InvalidOperationException($"{folder.Checkpoints} holds no checkpoint: the run ended before its first one. Start it again with --force.");
        foreach (string note in notes.Concat(trainer.Restore(checkpoint)))
        {
            console.Note(note);
        }

        console.Note($"going on from {Path.GetFileName(checkpoint.Path)}, step {checkpoint.State.StepNumber.ToString("N0", CultureInfo.InvariantCulture)} of {trainer.StepCount.ToString("N0", CultureInfo.InvariantCulture)}");
        return checkpoint.State.StepNumber;
    }

    private void WriteModel(RunFolder folder, RunInput input, TrainingResult result, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        // A training that was not cancelled ends with an evaluation.
        EvaluationRecord best = result.Best!;
        using StagedDirectory staged = StagedDirectory.Create(folder.Model, ModelFiles.Names);
        var checkpoint = new Checkpoint(input.BaseConfig, result.BestParameters!, new CheckpointReport());
        ModelFiles.WriteModel(staged.Path, checkpoint, input.Tokenizer);
        using (EmotionClassifier classifier = EmotionClassifier.Load(staged.Path))
        {
            ScoredDataset development = ScoredDataset.Score(classifier, input.Development);
            LabelThresholds thresholds = FindThresholds(classifier, input, development);
            thresholds.Save(ModelDirectory.ThresholdsFileOf(staged.Path));
            EvaluationInput evaluated = development.ToEvaluationInput(thresholds, Path.GetFileName(Path.GetFullPath(folder.Path)), "development split");
            EvaluationResult evaluation = Evaluator.Evaluate(evaluated);
            EvaluationReport.Save(folder.Report, evaluated, evaluation, new EvaluationReportOptions
            {
                Training = new TrainingSummary
                {
                    History = new TrainingHistory { Steps = TrainingHistory.LoadSteps(folder.MetricsFile), Evaluations = result.Evaluations },
                    Settings = settings,
                },
            });
            console.Note(string.Create(CultureInfo.InvariantCulture, $"{folder.Model}: the parameters of step {best.StepNumber:N0} (epoch {best.EpochNumber}); on development micro F1 {evaluation.Micro.F1:0.0000}, macro F1 {evaluation.Macro.F1:0.0000} with {DescribeThresholds(input)}"));
        }

        staged.Commit();
        console.Note($"{folder.Report}: curves, configuration and evaluation");
    }

    private static LabelThresholds FindThresholds(EmotionClassifier classifier, RunInput input, ScoredDataset development)
    {
        switch (input.Thresholds)
        {
            case ThresholdData.None:
                return LabelThresholds.Uniform(classifier.Labels, 0.5f);
            case ThresholdData.HeldOut:
                ScoredDataset heldOut = ScoredDataset.Score(classifier, input.HeldOut!);
                return ThresholdSearch.Find(classifier.Labels, heldOut.Probabilities, heldOut.Truth, new ThresholdSearchOptions { Split = "held-out training texts" }).Thresholds;
            default:
                return ThresholdSearch.Find(classifier.Labels, development.Probabilities, development.Truth).Thresholds;
        }
    }

    private static string DescribeThresholds(RunInput input) => input.Thresholds switch
    {
        ThresholdData.None => "a threshold of 0.5",
        ThresholdData.HeldOut => "thresholds tuned on held-out training texts",
        _ => "thresholds tuned on the same texts",
    };

    private static Dictionary<string, string> WithVersion(IReadOnlyDictionary<string, string> environment) => new(environment)
    {
        ["goemotions"] = typeof(TrainingRun).Assembly.GetName().Version!.ToString(3),
        ["system"] = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        ["started"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };

    private static string Describe(TrainingProgress progress)
    {
        double seconds = progress.TrainingTime.TotalSeconds;
        TimeSpan left = progress.TrainingTime * ((double)(progress.StepCount - progress.StepNumber) / progress.StepNumber);
        return string.Create(CultureInfo.InvariantCulture, $"epoch {progress.EpochNumber}, step {progress.StepNumber:N0} of {progress.StepCount:N0}: loss {progress.Loss:0.0000}, {progress.Samples / seconds:N0} texts/s, {progress.Tokens / seconds:N0} tokens/s, {(int)left.TotalHours}:{left:mm\\:ss} left");
    }

    private static string Describe(EvaluationRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {record.EpochNumber}, step {record.StepNumber:N0}: training loss {record.TrainingLoss:0.0000}; development loss {record.Loss:0.0000}, micro F1 {record.Micro.F1:0.0000}, macro F1 {record.Macro.F1:0.0000}, mean average precision {record.AveragePrecisionMacro:0.0000}{(record.IsBest ? " (best)" : "")}; {record.SamplesPerSecond:N0} texts/s");
}
