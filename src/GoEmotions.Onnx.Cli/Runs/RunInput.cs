using System.CommandLine;
using GoEmotions.Onnx.Cli.Commands;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Cli.Runs;

/// <summary>All that a training takes, read and checked: the data, the base and the options. Immutable.</summary>
internal sealed record RunInput
{
    /// <summary>The part of the training texts that is held back to tune thresholds on.</summary>
    private const double HeldOutFraction = 0.1;

    public required string Preset { get; init; }

    public required string DataName { get; init; }

    public required string BasePath { get; init; }

    public required EmotionDataset Training { get; init; }

    public required EmotionDataset Development { get; init; }

    /// <summary>Training texts that are not trained on, or null.</summary>
    public required EmotionDataset? HeldOut { get; init; }

    public required Checkpoint Checkpoint { get; init; }

    /// <summary>The base's configuration, which the model keeps, whatever dropout it is trained with.</summary>
    public required EncoderConfig BaseConfig { get; init; }

    public EncoderConfig Config => Checkpoint.Config;

    public required WordPieceTokenizer Tokenizer { get; init; }

    public required TrainingOptions Options { get; init; }

    /// <summary>The model directories of the teachers; none for a training on the labels alone.</summary>
    public required IReadOnlyList<string> Teachers { get; init; }

    public required double TeacherWeight { get; init; }

    public required ThresholdData Thresholds { get; init; }

    public required string Frozen { get; init; }

    public required string PositiveWeighting { get; init; }

    /// <summary>Reads everything that a command line names.</summary>
    public static RunInput Read(ParseResult parse, TrainOptions options, Action<string> note)
    {
        string basePath = parse.GetValue(options.Base)!;
        DatasetPreparationOptions dataOptions = options.DataOptions(parse);
        PreparedDataset prepared = DatasetPreparation.Prepare(dataOptions);
        foreach (string warning in prepared.Report.Warnings)
        {
            note($"warning: {warning}");
        }

        ThresholdData thresholds = options.Thresholds(parse);
        DatasetSplit split = prepared.Split;
        DatasetSplit? parts = thresholds == ThresholdData.HeldOut
            ? DatasetSplitter.Split(split.Train, new SplitOptions { DevFraction = HeldOutFraction, Seed = parse.GetValue(options.Seed) })
            : null;
        EmotionDataset training = parts?.Train ?? split.Train;
        Checkpoint checkpoint = LoadBase(basePath, split.Labels, parse.GetValue(options.Seed), note);
        EncoderConfig config = parse.GetValue(options.Dropout) is double dropout and > 0
            ? checkpoint.Config with { HiddenDropout = dropout, AttentionDropout = dropout, ClassifierDropout = dropout }
            : checkpoint.Config;
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(basePath);
        return new RunInput
        {
            Preset = options.PresetOf(parse).Name,
            DataName = dataOptions.Inputs.Count == 0 ? "the embedded sample" : string.Join(", ", dataOptions.Inputs.Concat(dataOptions.DevInputs)),
            BasePath = basePath,
            Training = training,
            Development = split.Dev,
            HeldOut = parts?.Dev,
            Checkpoint = new Checkpoint(config, checkpoint.Parameters, checkpoint.Report),
            BaseConfig = checkpoint.Config,
            Tokenizer = tokenizer,
            Options = options.ToTrainingOptions(parse, config, Math.Min(tokenizer.MaxLength, config.MaxPositionEmbeddings), training),
            Teachers = parse.GetValue(options.Teachers) ?? [],
            TeacherWeight = parse.GetValue(options.TeacherWeight) ?? Distillation.DefaultWeight,
            Thresholds = thresholds,
            Frozen = parse.GetValue(options.Freeze) ?? "",
            PositiveWeighting = parse.GetValue(options.PositiveWeight) ?? "none",
        };
    }

    private static Checkpoint LoadBase(string path, EmotionLabels labels, long seed, Action<string> note)
    {
        Checkpoint checkpoint = CheckpointDirectory.Load(path, new CheckpointLoadOptions { Labels = [.. labels], Seed = seed });
        IReadOnlyList<string> own = EncoderConfig.Load(Path.Combine(path, EncoderConfig.FileName)).Labels;
        if (own.Count > 0 && !own.SequenceEqual(labels))
        {
            note($"{path}: its head is for {own.Count} other labels ({string.Join(", ", own.Take(3))}{(own.Count > 3 ? ", ..." : "")}) than the data's {labels.Count}: a fresh head takes its place.");
        }

        foreach (string line in checkpoint.Report.Describe())
        {
            note($"{path}: {line}");
        }

        return checkpoint;
    }
}
