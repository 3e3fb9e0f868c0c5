using System.Globalization;
using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>Reads the values of a <c>config.json</c>; every error names file, key, what was found and what was expected.</summary>
internal sealed class EncoderConfigReader(JsonElement root, string path)
{
    public string Text(string key) =>
        !TryGet(key, out JsonElement value) ? Missing<string>(key, "text")
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : Wrong<string>(key, value, "text");

    public int Integer(string key) => TryGet(key, out JsonElement value) ? ToInteger(key, value) : Missing<int>(key, "an integer");

    public int Integer(string key, int absent) => TryGet(key, out JsonElement value) ? ToInteger(key, value) : absent;

    public double Number(string key, double absent) =>
        !TryGet(key, out JsonElement value) ? absent
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number
        : Wrong<double>(key, value, "a number");

    public bool Flag(string key, bool absent) =>
        !TryGet(key, out JsonElement value) ? absent
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : Wrong<bool>(key, value, "true or false");

    public HiddenActivation Activation(string key) => Text(key) switch
    {
        "gelu" => HiddenActivation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" => HiddenActivation.GeluTanh,
        "relu" => HiddenActivation.Relu,
        string other => Throw.InvalidData<HiddenActivation>($"{path}: {key} is '{other}', expected gelu, gelu_new, gelu_pytorch_tanh or relu."),
    };

    public void RequireText(string key, string expected)
    {
        if (TryGet(key, out _) && Text(key) is string found && found != expected)
        {
            Throw.InvalidData($"{path}: {key} is '{found}', expected '{expected}'.");
        }
    }

    public void RequireFlag(string key, bool expected, string why)
    {
        if (Flag(key, expected) != expected)
        {
            Throw.InvalidData($"{path}: {key} is {(expected ? "false" : "true")}, expected {(expected ? "true" : "false")}: {why}.");
        }
    }

    /// <summary>The labels of <c>id2label</c> in the order of their ids; those of <c>num_labels</c> without names; or none.</summary>
    public string[] Labels()
    {
        string[] labels = TryGet("id2label", out JsonElement idToLabel) ? IdToLabel(idToLabel) : [];
        if (TryGet("num_labels", out JsonElement declared))
        {
            int count = ToInteger("num_labels", declared);
            if (labels.Length == 0 && count is > 0 and <= 100_000)
            {
                labels = [.. Enumerable.Range(0, count).Select(id => string.Create(CultureInfo.InvariantCulture, $"LABEL_{id}"))];
            }
            else if (count != labels.Length)
            {
                Throw.InvalidData($"{path}: num_labels is {count}, but id2label has {labels.Length} labels. Correct one of them.");
            }
        }

        if (labels.Length > 0 && TryGet("label2id", out JsonElement labelToId))
        {
            CheckLabelToId(labels, labelToId);
        }

        return labels;
    }

    private string[] IdToLabel(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return Wrong<string[]>("id2label", element, "an object of ids and labels");
        }

        var labels = new string?[element.EnumerateObject().Count()];
        foreach (JsonProperty entry in element.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id >= labels.Length || labels[id] is not null)
            {
                Throw.InvalidData($"{path}: id2label has the id '{entry.Name}' among {labels.Length} labels, expected each of 0 to {labels.Length - 1} once.");
            }

            labels[id] = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString() : Wrong<string>($"id2label.{entry.Name}", entry.Value, "text");
        }

        return labels!;
    }

    private void CheckLabelToId(string[] labels, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Wrong<int>("label2id", element, "an object of labels and ids");
        }

        int count = 0;
        foreach (JsonProperty entry in element.EnumerateObject())
        {
            int id = ToInteger($"label2id.{entry.Name}", entry.Value);
            if (id < 0 || id >= labels.Length || labels[id] != entry.Name)
            {
                Throw.InvalidData($"{path}: label2id gives '{entry.Name}' the id {id}, but id2label has {(id >= 0 && id < labels.Length ? $"'{labels[id]}' there" : $"only 0 to {labels.Length - 1}")}. Correct one of them.");
            }

            count++;
        }

        if (count != labels.Length)
        {
            Throw.InvalidData($"{path}: label2id has {count} labels, expected {labels.Length} as id2label. Correct one of them.");
        }
    }

    private bool TryGet(string key, out JsonElement value) => root.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    private int ToInteger(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : Wrong<int>(key, value, "an integer");

    private T Missing<T>(string key, string expected) => Throw.InvalidData<T>($"{path}: there is no '{key}', expected {expected}. Use the config.json of a Hugging Face checkpoint.");

    private T Wrong<T>(string key, JsonElement value, string expected)
    {
        string text = value.GetRawText();
        return Throw.InvalidData<T>($"{path}: {key} is {(text.Length > 40 ? text[..40] + "..." : text)}, expected {expected}.");
    }
}
