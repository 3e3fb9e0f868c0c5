using System.Text.Encodings.Web;
using System.Text.Json;
using GoEmotions.Onnx.Graphs;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>
/// The folder that <c>goemotions data</c> writes: <c>train.jsonl</c>, <c>dev.jsonl</c>, perhaps <c>test.jsonl</c>, <c>labels.txt</c>
/// and <c>data-report.json</c>.
/// </summary>
public static class DatasetFolder
{
    private const string Train = "train.jsonl";
    private const string Dev = "dev.jsonl";
    private const string Test = "test.jsonl";
    private const string Report = "data-report.json";

    private static readonly HashSet<string> FileNames = [Train, Dev, Test, LabelSource.FileName, Report];

    /// <summary>Whether a path is a folder with the files of a data set.</summary>
    /// <param name="path">The path.</param>
    /// <returns><see langword="true"/> when train.jsonl, dev.jsonl and labels.txt are there.</returns>
    public static bool Exists(string path) =>
        File.Exists(Path.Combine(path, Train)) && File.Exists(Path.Combine(path, Dev)) && File.Exists(Path.Combine(path, LabelSource.FileName));

    /// <summary>Writes a data set folder: beside its place first, then moved there whole.</summary>
    /// <param name="path">The folder. Missing or empty, or, with <paramref name="overwrite"/>, a data set folder to replace.</param>
    /// <param name="split">The examples.</param>
    /// <param name="report">The report.</param>
    /// <param name="overwrite">Whether a data set folder that exists is replaced; a folder that holds anything else never is.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="split"/> or <paramref name="report"/> is null.</exception>
    /// <exception cref="IOException">The folder cannot be written, or holds files that are not to be replaced.</exception>
    public static void Write(string path, DatasetSplit split, DataReport report, bool overwrite = false)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(report);
        using StagedDirectory staged = StagedDirectory.Create(path, overwrite ? FileNames : null);
        WriteExamples(Path.Combine(staged.Path, Train), split.Train);
        WriteExamples(Path.Combine(staged.Path, Dev), split.Dev);
        if (split.Test is not null)
        {
            WriteExamples(Path.Combine(staged.Path, Test), split.Test);
        }

        File.WriteAllText(Path.Combine(staged.Path, LabelSource.FileName), string.Join('\n', split.Labels) + "\n");
        report.Save(Path.Combine(staged.Path, Report));
        staged.Commit();
    }

    /// <summary>Throws where <see cref="Write"/> would refuse a folder, so that a caller can ask before the work is done.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="overwrite">Whether a data set folder that exists may be replaced.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The folder holds files that are not to be replaced, or is a file.</exception>
    public static void CheckReplaceable(string path, bool overwrite) => StagedDirectory.CheckReplaceable(path, overwrite ? FileNames : null);

    /// <summary>Reads a data set folder.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The examples.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or has a row that is not complete.</exception>
    public static DatasetSplit Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        EmotionLabels labels = EmotionLabels.Load(Path.Combine(path, LabelSource.FileName));
        string test = Path.Combine(path, Test);
        return new DatasetSplit
        {
            Train = ReadExamples(Path.Combine(path, Train), labels),
            Dev = ReadExamples(Path.Combine(path, Dev), labels),
            Test = File.Exists(test) ? ReadExamples(test, labels) : null,
        };
    }

    /// <summary>The example files of a data set folder: train, dev, and test or null.</summary>
    internal static (string Train, string Dev, string? Test) ExampleFiles(string path)
    {
        string test = Path.Combine(path, Test);
        return (Path.Combine(path, Train), Path.Combine(path, Dev), File.Exists(test) ? test : null);
    }

    private static EmotionDataset ReadExamples(string path, EmotionLabels labels)
    {
        var examples = new List<EmotionExample>();
        using DatasetReader reader = DatasetReader.Open(path, new DatasetReaderOptions { Labels = labels });
        while (reader.Read(out DatasetRow row))
        {
            if (!row.IsComplete)
            {
                Throw.InvalidData($"{path}:{row.LineNumber}: '{row.MissingColumn}' is missing, expected it in every line of a data set folder. Write the folder anew with 'goemotions data'.");
            }

            examples.Add(row.Example);
        }

        return EmotionDataset.Create(labels, examples);
    }

    private static void WriteExamples(string path, EmotionDataset dataset)
    {
        // Texts in any script stay readable: the file is no HTML.
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using FileStream stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, options);
        foreach (EmotionExample example in dataset.Examples)
        {
            json.WriteStartObject();
            json.WriteString("text", example.Text);
            json.WriteStartArray("labels");
            foreach (int label in example.Labels)
            {
                json.WriteStringValue(dataset.Labels[label]);
            }

            json.WriteEndArray();
            if (example.Id is not null)
            {
                json.WriteString("id", example.Id);
            }

            if (example.IsUnclear)
            {
                json.WriteBoolean("unclear", true);
            }

            json.WriteEndObject();
            json.Flush();
            stream.WriteByte((byte)'\n');
            json.Reset();
        }
    }
}
