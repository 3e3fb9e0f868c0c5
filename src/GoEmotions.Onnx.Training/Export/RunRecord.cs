using System.Text.Json;
using GoEmotions.Onnx.Training.Monitoring;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>What a run folder of <c>goemotions train</c> records: <c>run.json</c> and <c>metrics.jsonl</c>. Immutable.</summary>
public sealed record RunRecord
{
    private const string ConfigurationFileName = "run.json";

    /// <summary>The options that the training was started with.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>What they came to: names and values, in the order to show them.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }

    /// <summary>Versions and machine.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>The evaluation whose parameters were kept, at the threshold 0.5: names and values; empty where none is recorded.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Best { get; init; } = [];

    /// <summary>Whether a folder is one of a run.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>Whether it has a <c>run.json</c>.</returns>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, ConfigurationFileName));

    /// <summary>Reads the record.</summary>
    /// <param name="folder">The run folder.</param>
    /// <returns>The record.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="IOException"><c>run.json</c> does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is none that a training wrote.</exception>
    public static RunRecord Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(folder, ConfigurationFileName);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist, expected the record of a training. Give the folder that 'goemotions train' wrote.", path);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            return new RunRecord
            {
                Arguments = [.. root.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString() ?? throw new FormatException("an argument is null"))],
                Settings = Entries(root.GetProperty("settings")),
                Environment = Entries(root.GetProperty("environment")),
                Best = FindBest(Path.Combine(folder, TrainingRecorder.MetricsFileName)),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}: {error.Message}, expected what 'goemotions train' wrote. Give the folder of a finished training.");
        }
    }

    private static KeyValuePair<string, string>[] Entries(JsonElement element) =>
        [.. element.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetString() ?? throw new FormatException($"'{entry.Name}' is null")))];

    private static IReadOnlyList<KeyValuePair<string, double>> FindBest(string path)
    {
        IReadOnlyList<KeyValuePair<string, double>> best = [];
        foreach ((int index, string line) in File.Exists(path) ? MetricsFile.ReadLines(path).Index() : [])
        {
            best = MetricsLine.ParseBest(line, path, index + 1) ?? best;
        }

        return best;
    }
}
