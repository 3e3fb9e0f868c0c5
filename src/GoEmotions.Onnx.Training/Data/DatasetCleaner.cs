namespace GoEmotions.Onnx.Training.Data;

/// <summary>Turns the rows of files into examples to learn from, and counts what it leaves out.</summary>
public static class DatasetCleaner
{
    /// <summary>Reads and cleans files. All must have the labels of the first.</summary>
    /// <param name="paths">The files, in any of the layouts of <see cref="DatasetFormat"/>.</param>
    /// <param name="cleaning">What to drop and merge; <see langword="null"/> for the defaults.</param>
    /// <param name="reading">How to understand the files; <see langword="null"/> for the defaults.</param>
    /// <returns>The examples, in the order of the files, and the report.</returns>
    /// <exception cref="ArgumentException"><paramref name="paths"/> is null or empty, or names a file twice.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or has other labels.</exception>
    public static CleanedDataset CleanFiles(IReadOnlyList<string> paths, CleaningOptions? cleaning = null, DatasetReaderOptions? reading = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0)
        {
            Throw.Argument("'paths' is empty, expected at least one file. Pass the files to read.", nameof(paths));
        }

        if (paths.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).Count() < paths.Count)
        {
            Throw.Argument($"'paths' names a file twice: {string.Join(", ", paths)}, expected each file once. Remove the second.", nameof(paths));
        }

        var steps = new CleaningSteps(cleaning ?? new CleaningOptions());
        reading ??= new DatasetReaderOptions();
        foreach (string path in paths)
        {
            using DatasetReader reader = DatasetReader.Open(path, reading with { Labels = reading.Labels ?? steps.Labels });
            steps.AddAll(reader);
        }

        return steps.Finish();
    }

    /// <summary>Reads and cleans what is left in a reader.</summary>
    /// <param name="reader">The reader, read to its end and not disposed of.</param>
    /// <param name="cleaning">What to drop and merge; <see langword="null"/> for the defaults.</param>
    /// <returns>The examples, in the order of the file, and the report.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reader"/> is null.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    public static CleanedDataset Clean(DatasetReader reader, CleaningOptions? cleaning = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var steps = new CleaningSteps(cleaning ?? new CleaningOptions());
        steps.AddAll(reader);
        return steps.Finish();
    }
}
