using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GoEmotions.Onnx;

/// <summary>
/// One decision threshold per label: a label holds when its probability is at or above its threshold.
/// Immutable and thread-safe.
/// </summary>
public sealed class LabelThresholds
{
    private const string ThresholdsProperty = "thresholds";
    private const string TuningProperty = "tuned_on";
    private const string FormatProperty = "format_version";
    private const int FormatVersion = 1;

    private readonly float[] _values;

    private LabelThresholds(EmotionLabels labels, float[] values, ThresholdTuning? tuning)
    {
        Labels = labels;
        Tuning = tuning;
        _values = values;
    }

    /// <summary>The labels that the thresholds belong to, in the order of the classifier's outputs.</summary>
    public EmotionLabels Labels { get; }

    /// <summary>The thresholds, shape <c>[labels]</c>, each a probability in [0, 1]. Borrowed from this object.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Where the thresholds were tuned, or null when they were given.</summary>
    public ThresholdTuning? Tuning { get; }

    /// <summary>The threshold of the label at <paramref name="labelIndex"/>, in [0, 1].</summary>
    /// <param name="labelIndex">From 0 to the number of labels, exclusive.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="labelIndex"/> is outside that range.</exception>
    public float this[int labelIndex] => _values[labelIndex];

    /// <summary>The same threshold for every label.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="threshold">A probability in [0, 1].</param>
    /// <returns>The thresholds.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="threshold"/> is outside [0, 1] or not a number.</exception>
    public static LabelThresholds Uniform(EmotionLabels labels, float threshold = 0.5f)
    {
        ArgumentNullException.ThrowIfNull(labels);
        float[] values = new float[labels.Count];
        values.AsSpan().Fill(threshold);
        return Create(labels, values);
    }

    /// <summary>Thresholds from values in the order of the labels.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="values">Shape <c>[labels]</c>, each a probability in [0, 1]; copied.</param>
    /// <param name="tuning">Where they were tuned, or null.</param>
    /// <returns>The thresholds.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    /// <exception cref="ArgumentException">The number of values is not that of the labels, or a value is outside [0, 1] or not a number.</exception>
    public static LabelThresholds Create(EmotionLabels labels, ReadOnlySpan<float> values, ThresholdTuning? tuning = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (values.Length != labels.Count)
        {
            Throw.Argument($"'values' has {values.Length} elements, expected {labels.Count} (one per label).", nameof(values));
        }

        for (int index = 0; index < values.Length; index++)
        {
            if (!IsProbability(values[index]))
            {
                Throw.Argument($"the threshold of label '{labels[index]}' is {Format(values[index])}, expected a probability in [0, 1].", nameof(values));
            }
        }

        return new LabelThresholds(labels, values.ToArray(), tuning);
    }

    /// <summary>Reads <c>thresholds.json</c>; labels are matched by name, in any order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="labels">The labels of the classifier; the file must name each of them once and no other.</param>
    /// <returns>The thresholds, in the order of <paramref name="labels"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty, or <paramref name="labels"/> is null.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no JSON object of this format, or a label is missing, unknown, stands twice, or has a threshold outside [0, 1].
    /// </exception>
    public static LabelThresholds Load(string path, EmotionLabels labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(labels);
        using JsonDocument document = Parse(path);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            Throw.InvalidData($"{path}: found {Describe(root)}, expected an object with '{ThresholdsProperty}'.");
        }

        CheckFormatVersion(path, root);
        JsonElement thresholds = Member(path, root, ThresholdsProperty, JsonValueKind.Object);
        return new LabelThresholds(labels, ReadValues(path, thresholds, labels), ReadTuning(path, root));
    }

    /// <summary>Writes <c>thresholds.json</c>: to a new file beside it first, which then takes its place, so that no reader sees half a file.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, Write);
    }

    /// <summary>Whether a label holds: its probability is at or above its threshold (equality counts as holding; not-a-number does not).</summary>
    /// <param name="labelIndex">From 0 to the number of labels, exclusive.</param>
    /// <param name="probability">The label's probability, in [0, 1].</param>
    /// <returns><see langword="true"/> when it holds.</returns>
    /// <exception cref="IndexOutOfRangeException"><paramref name="labelIndex"/> is outside its range.</exception>
    public bool IsAbove(int labelIndex, float probability) => probability >= _values[labelIndex];

    /// <summary>Decides every label of every row by <see cref="IsAbove"/>'s rule.</summary>
    /// <param name="probabilities">Shape <c>[rows, labels]</c>, row-major, each in [0, 1].</param>
    /// <param name="destination">Shape <c>[rows, labels]</c>, row-major; the caller's, filled with the decisions.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="probabilities"/> is no multiple of the labels, or that of <paramref name="destination"/> differs from it.</exception>
    public void Apply(ReadOnlySpan<float> probabilities, Span<bool> destination)
    {
        if (probabilities.Length % _values.Length != 0)
        {
            Throw.Argument($"'probabilities' has {probabilities.Length} elements, expected a multiple of {_values.Length} (rows x labels).", nameof(probabilities));
        }

        if (destination.Length != probabilities.Length)
        {
            Throw.Argument($"'destination' has {destination.Length} elements, expected {probabilities.Length} as 'probabilities'.", nameof(destination));
        }

        for (int rowStart = 0; rowStart < probabilities.Length; rowStart += _values.Length)
        {
            ReadOnlySpan<float> row = probabilities.Slice(rowStart, _values.Length);
            Span<bool> decisions = destination.Slice(rowStart, _values.Length);
            for (int index = 0; index < decisions.Length; index++)
            {
                decisions[index] = row[index] >= _values[index];
            }
        }
    }

    private static JsonDocument Parse(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        ReadOnlyMemory<byte> json = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException exception)
        {
            return Throw.InvalidData<JsonDocument>(
                $"{path}, line {exception.LineNumber + 1}: not valid JSON, expected the form that Save writes. Tune the thresholds again or mend the file.");
        }
    }

    private static void CheckFormatVersion(string path, JsonElement root)
    {
        if (!root.TryGetProperty(FormatProperty, out JsonElement version))
        {
            return;
        }

        if (version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number != FormatVersion)
        {
            Throw.InvalidData($"{path}: '{FormatProperty}' is {version.GetRawText().ReplaceLineEndings(" ")}, expected {FormatVersion}. Use the version of the program that wrote the file.");
        }
    }

    private static float[] ReadValues(string path, JsonElement thresholds, EmotionLabels labels)
    {
        float[] values = new float[labels.Count];
        values.AsSpan().Fill(float.NaN);
        foreach (JsonProperty property in thresholds.EnumerateObject())
        {
            if (!labels.TryGetIndex(property.Name, out int index))
            {
                Throw.InvalidData($"{path}: threshold for unknown label '{property.Name}', expected the {labels.Count} labels of the model ('{labels[0]}' ...). Tune the thresholds on this model.");
            }

            if (!float.IsNaN(values[index]))
            {
                Throw.InvalidData($"{path}: label '{property.Name}' stands twice, expected once. Remove one of them.");
            }

            if (property.Value.ValueKind != JsonValueKind.Number
                || !property.Value.TryGetDouble(out double value)
                || !(value is >= 0 and <= 1))
            {
                Throw.InvalidData($"{path}: the threshold of label '{property.Name}' is {Describe(property.Value)}, expected a number in [0, 1].");
            }

            values[index] = property.Value.GetSingle();
        }

        int missing = Array.FindIndex(values, float.IsNaN);
        if (missing >= 0)
        {
            Throw.InvalidData($"{path}: no threshold for label '{labels[missing]}' ({values.Count(float.IsNaN)} of {labels.Count} missing), expected one per label. Tune the thresholds on this model.");
        }

        return values;
    }

    private static ThresholdTuning? ReadTuning(string path, JsonElement root)
    {
        if (!root.TryGetProperty(TuningProperty, out JsonElement tuning) || tuning.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (tuning.ValueKind != JsonValueKind.Object)
        {
            Throw.InvalidData($"{path}: '{TuningProperty}' is {Describe(tuning)}, expected an object.");
        }

        if (!Member(path, tuning, "rows", JsonValueKind.Number).TryGetInt32(out int rows) || rows < 0)
        {
            Throw.InvalidData($"{path}: 'rows' of '{TuningProperty}' is {tuning.GetProperty("rows").GetRawText()}, expected a whole number from 0 on.");
        }

        return new ThresholdTuning
        {
            Split = Member(path, tuning, "split", JsonValueKind.String).GetString()!,
            Rows = rows,
            Method = Member(path, tuning, "method", JsonValueKind.String).GetString()!,
        };
    }

    private static JsonElement Member(string path, JsonElement parent, string name, JsonValueKind kind)
    {
        if (!parent.TryGetProperty(name, out JsonElement member))
        {
            Throw.InvalidData($"{path}: '{name}' is missing, expected {Name(kind)}.");
        }

        if (member.ValueKind != kind)
        {
            Throw.InvalidData($"{path}: '{name}' is {Describe(member)}, expected {Name(kind)}.");
        }

        return member;
    }

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array => Name(element.ValueKind),
        _ => element.GetRawText(),
    };

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        _ => "a number",
    };

    private static bool IsProbability(float value) => value is >= 0f and <= 1f;

    private static string Format(float value) => value.ToString(CultureInfo.InvariantCulture);

    private void Write(Stream stream)
    {
        // Relaxed escaping keeps label names of any script readable; the file is no part of a page.
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteNumber(FormatProperty, FormatVersion);
        if (Tuning is not null)
        {
            writer.WriteStartObject(TuningProperty);
            writer.WriteString("split", Tuning.Split);
            writer.WriteNumber("rows", Tuning.Rows);
            writer.WriteString("method", Tuning.Method);
            writer.WriteEndObject();
        }

        writer.WriteStartObject(ThresholdsProperty);
        for (int index = 0; index < _values.Length; index++)
        {
            writer.WriteNumber(Labels[index], _values[index]);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
