using System.Globalization;
using System.Text.Json;

namespace GoEmotions.Onnx.Models;

/// <summary>
/// What serving needs of a model directory's <c>config.json</c>: the architecture's name, the labels and the longest
/// sequence. Immutable and thread-safe.
/// </summary>
/// <remarks>The encoder's sizes are of no concern here: they are in the graph.</remarks>
public sealed class ModelConfig
{
    private ModelConfig(string modelType, EmotionLabels? labels, int? vocabularySize, int? maxPositions)
    {
        ModelType = modelType;
        Labels = labels;
        VocabularySize = vocabularySize;
        MaxPositions = maxPositions;
    }

    /// <summary>Hugging Face's <c>model_type</c>, such as <c>bert</c> or <c>distilbert</c>.</summary>
    public string ModelType { get; }

    /// <summary>The labels of <c>id2label</c>, or <see langword="null"/> where the file has none (an encoder without a classification head).</summary>
    public EmotionLabels? Labels { get; }

    /// <summary><c>vocab_size</c>, the number of ids that the encoder has embeddings for, or <see langword="null"/> where the file does not say.</summary>
    public int? VocabularySize { get; }

    /// <summary><c>max_position_embeddings</c>, the longest sequence in tokens that the encoder has positions for, or <see langword="null"/> where the file does not say.</summary>
    public int? MaxPositions { get; }

    /// <summary>Reads <c>config.json</c> from a model directory, or a file of that form.</summary>
    /// <param name="path">The directory or the file.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON object, or a field has the wrong type or value.</exception>
    public static ModelConfig Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Directory.Exists(path) ? Path.Combine(path, "config.json") : path;
        if (!File.Exists(file))
        {
            Throw.FileNotFound($"{file} does not exist, expected the config.json of a model directory. Pass a directory in the Hugging Face layout.", file);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                Throw.InvalidData($"{file}: found a JSON {root.ValueKind}, expected an object.");
            }

            return new ModelConfig(ReadModelType(root, file), ReadLabels(root, file), ReadSize(root, file, "vocab_size"), ReadSize(root, file, "max_position_embeddings"));
        }
        catch (JsonException error)
        {
            return Throw.InvalidData<ModelConfig>(
                $"{file}({error.LineNumber + 1},{error.BytePositionInLine + 1}): not valid JSON, expected a Hugging Face config.json. Is the file cut off?");
        }
    }

    private static string ReadModelType(JsonElement root, string file)
    {
        if (!root.TryGetProperty("model_type", out JsonElement value) || value.ValueKind != JsonValueKind.String)
        {
            Throw.InvalidData($"{file}: 'model_type' is missing or no string, expected the architecture's name such as \"bert\".");
        }

        return value.GetString()!;
    }

    private static int? ReadSize(JsonElement root, string file, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int size) || size < 2)
        {
            Throw.InvalidData($"{file}: '{name}' is {value.GetRawText()}, expected a whole number of 2 or more.");
            return null;
        }

        return size;
    }

    private static EmotionLabels? ReadLabels(JsonElement root, string file)
    {
        if (!root.TryGetProperty("id2label", out JsonElement labels) || labels.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (labels.ValueKind != JsonValueKind.Object)
        {
            Throw.InvalidData($"{file}: 'id2label' is a JSON {labels.ValueKind}, expected an object such as {{\"0\": \"joy\"}}.");
        }

        var names = new SortedDictionary<int, string>();
        foreach (JsonProperty label in labels.EnumerateObject())
        {
            if (!int.TryParse(label.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                Throw.InvalidData($"{file}: 'id2label' has the key '{label.Name}', expected a label's index.");
            }

            if (label.Value.ValueKind != JsonValueKind.String)
            {
                Throw.InvalidData($"{file}: 'id2label' gives label {index} as {label.Value.GetRawText()}, expected its name.");
            }

            if (!names.TryAdd(index, label.Value.GetString()!))
            {
                Throw.InvalidData($"{file}: 'id2label' names label {index} twice.");
            }
        }

        int expected = 0;
        foreach (int index in names.Keys)
        {
            if (index != expected++)
            {
                Throw.InvalidData($"{file}: 'id2label' has no label {expected - 1}, expected the indices 0 to {names.Count - 1} without a gap.");
            }
        }

        return EmotionLabels.Create(names.Values, $"{file}: 'id2label'");
    }
}
