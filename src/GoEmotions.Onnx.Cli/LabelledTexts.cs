using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Cli;

/// <summary>Reads the labelled texts that a model is measured on.</summary>
internal static class LabelledTexts
{
    /// <summary>Reads a file, or the development split of a data set folder.</summary>
    /// <param name="path">The file or the folder.</param>
    /// <param name="labels">The model's labels.</param>
    /// <param name="note">Takes a line for each reason that rows were dropped for.</param>
    public static EmotionDataset Read(string path, EmotionLabels labels, Action<string> note)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "dev.jsonl") : path;
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"{file} does not exist, expected labelled texts: a CSV, TSV or JSONL file, or a folder that 'goemotions data' wrote.", file);
        }

        CleanedDataset cleaned = DatasetCleaner.CleanFiles([file], null, new DatasetReaderOptions { Labels = labels });
        foreach ((string reason, DroppedRows dropped) in cleaned.Report.Dropped)
        {
            note($"{file}: {dropped.Count} rows dropped: {reason}");
        }

        return cleaned.Dataset.Count > 0 ? cleaned.Dataset
            : throw new InvalidDataException($"{file}: no row is left after cleaning, expected at least one labelled text.");
    }
}
