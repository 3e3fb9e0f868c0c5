namespace GoEmotions.Onnx.Training.Data;

/// <summary>
/// The sentences that ship inside this assembly, written for this project in the notebook's CSV layout: enough to try everything offline,
/// too few for a good model. A few rows are broken on purpose, so that the cleaning shows.
/// </summary>
public static class SampleCorpus
{
    /// <summary>The name that error messages and reports give the corpus.</summary>
    public const string Name = "SampleCorpus.csv";

    /// <summary>Opens the CSV as bytes.</summary>
    /// <returns>A stream, the caller's to dispose of.</returns>
    public static Stream OpenCsv() => typeof(SampleCorpus).Assembly.GetManifestResourceStream(typeof(SampleCorpus), Name)
        ?? throw new InvalidOperationException($"the resource {Name} is missing from the assembly.");

    /// <summary>Opens the corpus as rows.</summary>
    /// <param name="options">How to understand the table; <see langword="null"/> for the defaults.</param>
    /// <returns>The reader, before the first row.</returns>
    public static DatasetReader Open(DatasetReaderOptions? options = null) => DatasetReader.Open(Name, OpenCsv(), options ?? new DatasetReaderOptions());

    /// <summary>Reads and cleans the corpus.</summary>
    /// <param name="cleaning">What to drop and merge; <see langword="null"/> for the defaults.</param>
    /// <returns>The examples and the report.</returns>
    public static CleanedDataset Load(CleaningOptions? cleaning = null)
    {
        using DatasetReader reader = Open();
        return DatasetCleaner.Clean(reader, cleaning);
    }
}
