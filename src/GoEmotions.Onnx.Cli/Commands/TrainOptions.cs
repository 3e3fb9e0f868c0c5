using System.CommandLine;
using System.Globalization;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The options of <c>goemotions train</c>, and what they come to.</summary>
internal sealed class TrainOptions
{
    private static readonly Dictionary<string, BestMetric> Metrics = new()
    {
        ["micro-f1"] = BestMetric.MicroF1,
        ["macro-f1"] = BestMetric.MacroF1,
        ["map"] = BestMetric.MeanAveragePrecision,
        ["loss"] = BestMetric.Loss,
    };

    private static readonly Dictionary<string, ThresholdData> ThresholdTexts = new() { ["dev"] = ThresholdData.Dev, ["held-out"] = ThresholdData.HeldOut, ["none"] = ThresholdData.None };

    public Option<string[]> Data { get; } = new("--data") { Description = "A folder of 'goemotions data' or 'goemotions fetch', or CSV, TSV or JSONL files (80/20 split unless --dev is given); without it, the embedded sample", AllowMultipleArgumentsPerToken = true, HelpName = "FILE|DIR" };

    public Option<string[]> Dev { get; } = new("--dev") { Description = "Files with the development set, instead of a part of --data", AllowMultipleArgumentsPerToken = true, HelpName = "FILES" };

    public Option<string?> Base { get; } = new("--base") { Description = "The checkpoint to start from, such as one of 'goemotions init' or 'goemotions fetch'", HelpName = "DIR" };

    public Option<string> Output { get; } = new("--out") { Description = "The run folder to write: run.json, checkpoints/, metrics.jsonl, TensorBoard's files, model/, report.html", Required = true, HelpName = "DIR" };

    public Option<string?> Preset { get; } = CheckedOption.OneOf("--preset", "Where the options begin from: " + string.Join("; ", TrainingPreset.All.Select(preset => $"{preset.Name} ({preset.Description})")), [.. TrainingPreset.All.Select(preset => preset.Name)]);

    public Option<int?> Epochs { get; } = TextArguments.AtLeast("--epochs", 1, "How often every text is seen");

    public Option<int?> MaxSteps { get; } = TextArguments.AtLeast("--max-steps", 1, "Stop after N optimizer steps");

    public Option<int?> BatchSize { get; } = TextArguments.AtLeast("--batch-size", 1, "Texts in a batch");

    public Option<int?> MaxBatchTokens { get; } = TextArguments.AtLeast("--max-batch-tokens", 2, "Padded tokens in a batch at most");

    public Option<int?> Accumulation { get; } = TextArguments.AtLeast("--accumulation", 1, "Batches to an optimizer step (default 1)");

    public Option<int?> MaxLength { get; } = TextArguments.AtLeast("--max-length", 2, "Cut each text to this many tokens");

    public Option<double?> LearningRate { get; } = CheckedOption.Number("--learning-rate", "a number above 0", value => value > 0 && double.IsFinite(value), "The peak learning rate");

    public Option<double?> HeadLearningRate { get; } = CheckedOption.Number("--head-learning-rate", "a number above 0", value => value > 0 && double.IsFinite(value), "The peak learning rate of the classification head (default that of the rest)");

    public Option<string?> Schedule { get; } = CheckedOption.OneOf("--schedule", "How the learning rate goes on after the warm-up", "constant", "linear", "cosine");

    public Option<double?> Warmup { get; } = CheckedOption.Number("--warmup", "a number from 0 to below 1", value => value is >= 0 and < 1, "The part of the steps over which the learning rate rises");

    public Option<double?> WeightDecay { get; } = CheckedOption.Number("--weight-decay", "0 or more", value => value >= 0 && double.IsFinite(value), "AdamW's decoupled weight decay");

    public Option<double?> Clip { get; } = CheckedOption.Number("--clip", "0 or more", value => value >= 0 && double.IsFinite(value), "The largest norm of all gradients together; 0 for no limit");

    public Option<double?> Dropout { get; } = CheckedOption.Number("--dropout", "a number from 0 to below 1", value => value is >= 0 and < 1, "The probability of every dropout; 0 for none (default that of the base's config.json)");

    public Option<double?> TokenDropout { get; } = CheckedOption.Number("--token-dropout", "a number from 0 to below 1", value => value is >= 0 and < 1, "The part of the tokens that are hidden from the encoder in training; 0 for none");

    public Option<string?> Freeze { get; } = CheckedOption.Parsed("--freeze", "PARTS", "Parts that are not trained, such as embeddings,encoder.0-3 (embeddings, encoder, encoder.N, encoder.N-M, pooler, head)", text => FrozenParts.Parse(text));

    public Option<string?> PositiveWeight { get; } = CheckedOption.Parsed("--pos-weight", "W", "The weight of positives in the loss: none, balanced, sqrt, or a number", text => PositiveWeighting.Parse(text));

    public Option<double?> Focal { get; } = CheckedOption.Number("--focal", "0, or 1 or more", value => (value is 0 or >= 1) && double.IsFinite(value), "Gamma of the focal loss; 0 for none");

    public Option<double?> LabelSmoothing { get; } = CheckedOption.Number("--label-smoothing", "a number from 0 to below 1", value => value is >= 0 and < 1, "Moves the targets 0 and 1 towards each other by half of this");

    public Option<string[]> Teachers { get; } = new("--teachers") { Description = "Model directories with the data's labels, whose mean probabilities the model learns beside the labels (distillation)", AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.OneOrMore, HelpName = "DIRS" };

    public Option<double?> TeacherWeight { get; } = CheckedOption.Number("--teacher-weight", "a number from 0 to 1", value => value is >= 0 and <= 1, string.Create(CultureInfo.InvariantCulture, $"The part of the teachers in the targets, of the labels the rest (default {Distillation.DefaultWeight})"));

    public Option<string?> BestMetricName { get; } = CheckedOption.OneOf("--best-metric", "The metric on development by which the best evaluation is kept; map is the mean average precision", [.. Metrics.Keys]);

    public Option<int?> Patience { get; } = TextArguments.AtLeast("--patience", 1, "Stop after N evaluations without a new best");

    public Option<int?> EvaluationSteps { get; } = TextArguments.AtLeast("--evaluation-steps", 1, "Evaluate every N steps (default after each epoch)");

    public Option<int?> CheckpointSteps { get; } = TextArguments.AtLeast("--checkpoint-steps", 1, "Write a checkpoint every N steps (default after each evaluation)");

    public Option<int?> Keep { get; } = TextArguments.AtLeast("--keep", 1, "Checkpoints that are kept (default 2)");

    public Option<int?> LogSteps { get; } = TextArguments.AtLeast("--log-steps", 1, "Steps to a line of metrics.jsonl and a point of the curves (default 10)");

    public Option<int?> Sample { get; } = TextArguments.AtLeast("--sample", 1, "Draw N examples of --data after cleaning");

    public Option<long> Seed { get; } = new("--seed") { Description = "The seed of sample, split, fresh parameters, shuffles and dropout", DefaultValueFactory = _ => 42, HelpName = "N" };

    public Option<string?> ThresholdDataName { get; } = CheckedOption.OneOf("--threshold-data", "What the thresholds are tuned on: dev, a held-out tenth of the training texts, or none (0.5 for all)", [.. ThresholdTexts.Keys]);

    public Option<string?> Device { get; } = CheckedOption.Parsed("--device", "DEVICE", "cpu, cuda or cuda:N (default cpu)", text => TrainingDevice.Parse(text));

    public Option<int?> Threads { get; } = TextArguments.AtLeast("--threads", 1, "Threads (default all processors)");

    public Option<bool> Resume { get; } = new("--resume") { Description = "Go on with the run in --out from its newest checkpoint; its other options are read from there" };

    public Option<bool> Force { get; } = new("--force") { Description = "Replace a run that is in --out" };

    /// <summary>All options, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
    [
        Data, Dev, Base, Output, Preset, Epochs, MaxSteps, BatchSize, MaxBatchTokens, Accumulation, MaxLength, LearningRate, HeadLearningRate, Schedule, Warmup,
        WeightDecay, Clip, Dropout, TokenDropout, Freeze, PositiveWeight, Focal, LabelSmoothing, Teachers, TeacherWeight, BestMetricName, Patience, EvaluationSteps, CheckpointSteps, Keep, LogSteps,
        Sample, Seed, ThresholdDataName, Device, Threads, Resume, Force,
    ];

    /// <summary>The options that were given, each with its values, as a later run of the command takes them: paths in full, without those that are of the folder and not of the training.</summary>
    public IReadOnlyList<string> Given(ParseResult parse)
    {
        var given = new List<string>();
        foreach (Option option in All.Except([Output, Resume, Force]))
        {
            if (parse.GetResult(option) is { Implicit: false } result)
            {
                given.Add(option.Name);
                given.AddRange(result.Tokens.Select(token => IsPath(option) ? Path.GetFullPath(token.Value) : token.Value));
            }
        }

        return given;
    }

    /// <summary>Whether the values of an option are files or folders.</summary>
    public bool IsPath(Option option) => option == Data || option == Dev || option == Base || option == Teachers;

    /// <summary>What to train on.</summary>
    public DatasetPreparationOptions DataOptions(ParseResult parse) => new()
    {
        Inputs = parse.GetValue(Data) ?? [],
        DevInputs = parse.GetValue(Dev) ?? [],
        Sample = parse.GetValue(Sample),
        Split = new SplitOptions { Seed = parse.GetValue(Seed) },
    };

    /// <summary>Where the options begin from.</summary>
    public TrainingPreset PresetOf(ParseResult parse) => TrainingPreset.Find(parse.GetValue(Preset) ?? TrainingPreset.Default.Name);

    /// <summary>What the thresholds are tuned on.</summary>
    public ThresholdData Thresholds(ParseResult parse) =>
        parse.GetValue(ThresholdDataName) is string name ? ThresholdTexts[name] : PresetOf(parse).Thresholds;

    /// <summary>How to train: the preset's options, with those that were given.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="config">The base's configuration.</param>
    /// <param name="maxLength">The longest sequence that the base takes, in tokens.</param>
    /// <param name="training">The training split, whose label counts weigh the loss.</param>
    public TrainingOptions ToTrainingOptions(ParseResult parse, EncoderConfig config, int maxLength, EmotionDataset training)
    {
        TrainingOptions preset = PresetOf(parse).Options;
        return preset with
        {
            Epochs = parse.GetValue(Epochs) ?? preset.Epochs,
            MaxSteps = parse.GetValue(MaxSteps) ?? preset.MaxSteps,
            BatchSize = parse.GetValue(BatchSize) ?? preset.BatchSize,
            MaxBatchTokens = parse.GetValue(MaxBatchTokens) ?? preset.MaxBatchTokens,
            AccumulationSteps = parse.GetValue(Accumulation) ?? preset.AccumulationSteps,
            MaxLength = parse.GetValue(MaxLength) ?? Math.Min(preset.MaxLength, maxLength),
            LearningRate = parse.GetValue(LearningRate) ?? preset.LearningRate,
            HeadLearningRate = parse.GetValue(HeadLearningRate) ?? preset.HeadLearningRate,
            Schedule = parse.GetValue(Schedule) is string schedule ? Enum.Parse<LearningRateScheduleKind>(schedule, ignoreCase: true) : preset.Schedule,
            WarmupFraction = parse.GetValue(Warmup) ?? preset.WarmupFraction,
            Optimizer = preset.Optimizer with { WeightDecay = parse.GetValue(WeightDecay) ?? preset.Optimizer.WeightDecay },
            ClipNorm = parse.GetValue(Clip) is double clip ? (clip > 0 ? clip : null) : preset.ClipNorm,
            Dropout = parse.GetValue(Dropout) is not 0.0 && preset.Dropout,
            TokenDropout = parse.GetValue(TokenDropout) ?? preset.TokenDropout,
            Trains = parse.GetValue(Freeze) is string parts ? FrozenParts.Parse(parts).ToTrains(config) : preset.Trains,
            Loss = preset.Loss with
            {
                PositiveWeights = parse.GetValue(PositiveWeight) is string weighting ? PositiveWeighting.Parse(weighting).Of(training) : preset.Loss.PositiveWeights,
                FocalGamma = (float?)parse.GetValue(Focal) ?? preset.Loss.FocalGamma,
                LabelSmoothing = (float?)parse.GetValue(LabelSmoothing) ?? preset.Loss.LabelSmoothing,
            },
            BestMetric = parse.GetValue(BestMetricName) is string metric ? Metrics[metric] : preset.BestMetric,
            Patience = parse.GetValue(Patience) ?? preset.Patience,
            EvaluationSteps = parse.GetValue(EvaluationSteps) ?? preset.EvaluationSteps,
            Seed = parse.GetValue(Seed),
            Device = parse.GetValue(Device) is string device ? TrainingDevice.Parse(device) : preset.Device,
            Threads = parse.GetValue(Threads) ?? preset.Threads,
        };
    }
}
