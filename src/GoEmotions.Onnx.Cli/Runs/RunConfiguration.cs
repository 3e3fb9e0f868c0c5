using System.Text.Encodings.Web;
using System.Text.Json;

namespace GoEmotions.Onnx.Cli.Runs;

/// <summary><c>run.json</c>: with which arguments a run was started, what they came to, and on what it runs. Immutable.</summary>
internal sealed record RunConfiguration
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The options that were given, with full paths, without those of the folder itself: what <c>--resume</c> reads again.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Every setting, in the order to show them.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }

    /// <summary>Versions and machine.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The arguments of a run that was started earlier.</summary>
    public static IReadOnlyList<string> LoadArguments(RunFolder folder)
    {
        string path = folder.ConfigurationFile;
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{folder.Path} holds no run.json, so there is no run to go on with. Leave out --resume to start one.", path);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. document.RootElement.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString() ?? throw new FormatException("an argument is null"))];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}: {error.Message}, expected what 'goemotions train' wrote. Start a new run in another folder.");
        }
    }

    /// <summary>Writes the file.</summary>
    public void Save(RunFolder folder)
    {
        using FileStream stream = File.Create(folder.ConfigurationFile);
        using (var writer = new Utf8JsonWriter(stream, Format))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("arguments");
            foreach (string argument in Arguments)
            {
                writer.WriteStringValue(argument);
            }

            writer.WriteEndArray();
            WriteEntries(writer, "settings", Settings);
            WriteEntries(writer, "environment", Environment);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        stream.Flush(flushToDisk: true);
    }

    private static void WriteEntries(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, string>> entries)
    {
        writer.WriteStartObject(name);
        foreach ((string key, string value) in entries)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }
}
