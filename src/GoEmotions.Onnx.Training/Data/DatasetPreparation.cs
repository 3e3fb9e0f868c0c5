namespace GoEmotions.Onnx.Training.Data;

/// <summary>The whole way from files to a divided data set: read, clean, map labels, sample, split, write.</summary>
public static class DatasetPreparation
{
    // What GoEmotions is released as.
    private const string ReleaseTrain = "train.tsv";
    private const string ReleaseDev = "dev.tsv";

    /// <summary>Prepares a data set.</summary>
    /// <param name="options">The choices.</param>
    /// <returns>The examples and the report; written to <see cref="DatasetPreparationOptions.OutputFolder"/> as well, if there is one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">The choices contradict each other, or the data, such as a sample larger than it.</exception>
    /// <exception cref="IOException">A file cannot be read or the folder cannot be written, or it is not to be replaced.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or has other labels than the first.</exception>
    public static PreparedDataset Prepare(DatasetPreparationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = ExpandFolder(options);
        if (options.OutputFolder is not null)
        {
            DatasetFolder.CheckReplaceable(options.OutputFolder, options.Overwrite);
        }

        CheckGiven(options);
        CleanedDataset main = options.Inputs.Count == 0
            ? SampleCorpus.Load(options.Cleaning)
            : DatasetCleaner.CleanFiles(options.Inputs, options.Cleaning, options.Reading);
        EmotionLabels fileLabels = main.Dataset.Labels;
        CleanedDataset? dev = CleanGiven(options.DevInputs, options, fileLabels);
        CleanedDataset? test = CleanGiven(options.TestInputs, options, fileLabels);

        EmotionTaxonomy taxonomy = EmotionTaxonomy.Resolve(options.Taxonomy, fileLabels);
        EmotionDataset pool = main.Dataset.Map(taxonomy);
        if (options.Sample is int sample)
        {
            pool = DatasetSplitter.Sample(pool, sample, options.Split.Seed);
        }

        DatasetSplit split = dev is null
            ? DatasetSplitter.Split(pool, options.Split)
            : new DatasetSplit { Train = pool, Dev = dev.Dataset.Map(taxonomy) };
        split = test is null ? split : split with { Test = test.Dataset.Map(taxonomy) };

        DataReport report = Describe(options, [main, .. Given(dev), .. Given(test)], taxonomy, split);
        if (options.OutputFolder is not null)
        {
            DatasetFolder.Write(options.OutputFolder, split, report, options.Overwrite);
        }

        return new PreparedDataset(split, report);
    }

    /// <summary>A data set folder, or one with GoEmotions' released files, as the only input stands for its files.</summary>
    private static DatasetPreparationOptions ExpandFolder(DatasetPreparationOptions options)
    {
        if (options.Inputs is not [string folder] || !Directory.Exists(folder))
        {
            return options;
        }

        if (!DatasetFolder.Exists(folder))
        {
            string train = Path.Combine(folder, ReleaseTrain);
            string dev = Path.Combine(folder, ReleaseDev);
            if (File.Exists(train) && File.Exists(dev))
            {
                return options with { Inputs = [train], DevInputs = options.DevInputs.Count > 0 ? options.DevInputs : [dev] };
            }

            Throw.InvalidData($"{folder}: the folder has neither train.jsonl, dev.jsonl and labels.txt nor {ReleaseTrain} and {ReleaseDev}, expected a data set. Pass a folder that 'goemotions data' or 'goemotions fetch' wrote, or files.");
        }

        (string trainFile, string devFile, string? test) = DatasetFolder.ExampleFiles(folder);
        return options with
        {
            Inputs = [trainFile],
            DevInputs = options.DevInputs.Count > 0 ? options.DevInputs : [devFile],
            TestInputs = options.TestInputs.Count > 0 || test is null ? options.TestInputs : [test],
        };
    }

    private static void CheckGiven(DatasetPreparationOptions options)
    {
        if (options.Split.TestFraction > 0 && (options.TestInputs.Count > 0 || options.DevInputs.Count > 0))
        {
            Throw.Argument("'options' gives files for development or test and a test fraction, too; expected one or the other. Leave the test fraction out.", nameof(options));
        }

        string[] all = [.. options.Inputs.Concat(options.DevInputs).Concat(options.TestInputs).Select(Path.GetFullPath)];
        string? twice = all.GroupBy(path => path, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            Throw.Argument($"'options' names {twice} twice, expected each file once. Remove the second.", nameof(options));
        }
    }

    private static CleanedDataset? CleanGiven(IReadOnlyList<string> paths, DatasetPreparationOptions options, EmotionLabels labels) =>
        paths.Count == 0 ? null : DatasetCleaner.CleanFiles(paths, options.Cleaning, options.Reading with { Labels = labels });

    private static IEnumerable<CleanedDataset> Given(CleanedDataset? dataset) => dataset is null ? [] : [dataset];

    private static DataReport Describe(DatasetPreparationOptions options, CleanedDataset[] cleaned, EmotionTaxonomy taxonomy, DatasetSplit split)
    {
        DataReport[] reports = Array.ConvertAll(cleaned, part => part.Report);
        return new DataReport
        {
            Read = reports.Sum(report => report.Read),
            Kept = reports.Sum(report => report.Kept),
            Merged = reports.Sum(report => report.Merged),
            Dropped = reports.SelectMany(report => report.Dropped).GroupBy(pair => pair.Key, pair => pair.Value).ToDictionary(
                group => group.Key,
                group => new DroppedRows { Count = group.Sum(rows => rows.Count), Lines = [.. group.SelectMany(rows => rows.Lines).Take(DroppedRows.MaxLines)] }),
            Unclear = reports.Sum(report => report.Unclear),
            Unlabeled = reports.Sum(report => report.Unlabeled),
            DuplicateTexts = reports.Sum(report => report.DuplicateTexts),
            Taxonomy = taxonomy.Name,
            LabelsBefore = Sum(reports.Select(report => report.LabelsBefore)),
            LabelsAfter = Sum(cleaned.Select(part => LabelCounts.ByName(part.Dataset.Map(taxonomy)))),
            Split = new SplitReport
            {
                Method = options.DevInputs.Count > 0 ? "given" : options.Split.Method == SplitMethod.Stratified ? "stratified" : "random",
                Seed = options.Split.Seed,
                Sample = options.Sample,
                Train = split.Train.Count,
                Dev = split.Dev.Count,
                Test = split.Test?.Count,
                TrainLabels = LabelCounts.ByName(split.Train),
                DevLabels = LabelCounts.ByName(split.Dev),
            },
            Sources = [.. reports.SelectMany(report => report.Sources)],
            Warnings = [.. reports.SelectMany(report => report.Warnings), .. split.FindProblems()],
        };
    }

    private static Dictionary<string, int> Sum(IEnumerable<IReadOnlyDictionary<string, int>> counts) =>
        counts.SelectMany(byName => byName).GroupBy(pair => pair.Key, pair => pair.Value).ToDictionary(group => group.Key, group => group.Sum());
}
