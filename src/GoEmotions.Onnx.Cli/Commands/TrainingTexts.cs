using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The texts that a vocabulary is made from.</summary>
internal static class TrainingTexts
{
    /// <summary>The texts of files, or of the embedded sample where there are none.</summary>
    public static IEnumerable<string> Read(IReadOnlyList<string> files) =>
        files.Count == 0 ? Texts(SampleCorpus.Load().Dataset) : files.SelectMany(ReadFile);

    // A plain text file has one text a line; by its ending, since any text may look like a table.
    private static IEnumerable<string> ReadFile(string file)
    {
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"{file} does not exist, expected a text file or a data set. Check the path.", file);
        }

        return Path.GetExtension(file).Equals(".txt", StringComparison.OrdinalIgnoreCase) ? File.ReadLines(file) : Texts(DatasetCleaner.CleanFiles([file]).Dataset);
    }

    private static IEnumerable<string> Texts(EmotionDataset dataset) => dataset.Select(example => example.Text);
}
