using System.Text.Json;
using System.Text.Unicode;

namespace GoEmotions.Onnx;

/// <summary>
/// Puts labels into groups, each label into exactly one: the 28 of GoEmotions into Ekman's seven, into sentiments, or as a JSON file says.
/// Immutable and thread-safe.
/// </summary>
public sealed class EmotionTaxonomy
{
    /// <summary>The name of the taxonomy in which every label is its own group.</summary>
    public const string OriginalName = "original";

    /// <summary>The name of the taxonomy of Ekman's six emotions and <c>neutral</c>.</summary>
    public const string EkmanName = "ekman";

    /// <summary>The name of the taxonomy of positive, negative, ambiguous and <c>neutral</c>.</summary>
    public const string SentimentName = "sentiment";

    private static readonly string[] Anger = ["anger", "annoyance", "disapproval"];
    private static readonly string[] Disgust = ["disgust"];
    private static readonly string[] Fear = ["fear", "nervousness"];
    private static readonly string[] Joy =
    [
        "admiration", "amusement", "approval", "caring", "desire", "excitement", "gratitude", "joy", "love", "optimism", "pride", "relief",
    ];

    private static readonly string[] Sadness = ["disappointment", "embarrassment", "grief", "remorse", "sadness"];
    private static readonly string[] Surprise = ["confusion", "curiosity", "realization", "surprise"];
    private static readonly string[] Neutral = ["neutral"];

    private readonly int[] _groupOfLabel;

    private EmotionTaxonomy(string name, EmotionLabels labels, EmotionLabels groups, int[] groupOfLabel)
    {
        Name = name;
        Labels = labels;
        Groups = groups;
        _groupOfLabel = groupOfLabel;
    }

    /// <summary>What the taxonomy is called: one of the built-in names, or the file it was read from.</summary>
    public string Name { get; }

    /// <summary>The labels that are put into groups.</summary>
    public EmotionLabels Labels { get; }

    /// <summary>The groups, which are the labels of what is mapped.</summary>
    public EmotionLabels Groups { get; }

    /// <summary>Every label is its own group.</summary>
    /// <param name="labels">Any labels.</param>
    /// <returns>The taxonomy.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    public static EmotionTaxonomy Original(EmotionLabels labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return new EmotionTaxonomy(OriginalName, labels, labels, [.. Enumerable.Range(0, labels.Count)]);
    }

    /// <summary>The grouping of the GoEmotions paper into Ekman's emotions: anger, disgust, fear, joy, sadness, surprise, and neutral.</summary>
    /// <param name="labels">The 28 labels of GoEmotions, in any order.</param>
    /// <returns>The taxonomy, its 7 groups in that order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    /// <exception cref="InvalidDataException">The labels are others than those 28.</exception>
    public static EmotionTaxonomy Ekman(EmotionLabels labels) => Create(EkmanName, labels,
    [
        new("anger", Anger), new("disgust", Disgust), new("fear", Fear), new("joy", Joy), new("sadness", Sadness), new("surprise", Surprise), new("neutral", Neutral),
    ]);

    /// <summary>The grouping of the GoEmotions paper into sentiments: positive, negative, ambiguous, and neutral.</summary>
    /// <param name="labels">The 28 labels of GoEmotions, in any order.</param>
    /// <returns>The taxonomy, its 4 groups in that order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    /// <exception cref="InvalidDataException">The labels are others than those 28.</exception>
    public static EmotionTaxonomy Sentiment(EmotionLabels labels) => Create(SentimentName, labels,
    [
        new("positive", Joy), new("negative", [.. Anger, .. Disgust, .. Fear, .. Sadness]), new("ambiguous", Surprise), new("neutral", Neutral),
    ]);

    /// <summary>Makes a taxonomy from groups.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="labels">The labels, each of which must be in exactly one group.</param>
    /// <param name="groups">The groups with their labels, in the order wanted.</param>
    /// <returns>The taxonomy.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> or <paramref name="groups"/> is null.</exception>
    /// <exception cref="InvalidDataException">A label is unknown, in no group or in two, or a group stands twice or is empty.</exception>
    public static EmotionTaxonomy Create(string name, EmotionLabels labels, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> groups)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(groups);
        int[] groupOfLabel = new int[labels.Count];
        Array.Fill(groupOfLabel, -1);
        string[] names = new string[groups.Count];
        for (int group = 0; group < names.Length; group++)
        {
            (names[group], IReadOnlyList<string> members) = groups[group];
            if (Array.IndexOf(names, names[group]) < group)
            {
                Throw.InvalidData($"taxonomy {name}: group '{names[group]}' stands twice, expected distinct groups. Put its labels into one.");
            }

            if (members.Count == 0)
            {
                Throw.InvalidData($"taxonomy {name}: group '{names[group]}' is empty, expected at least one label. Remove it or give it labels.");
            }

            foreach (string member in members)
            {
                if (!labels.TryGetIndex(member, out int label))
                {
                    Throw.InvalidData($"taxonomy {name}: group '{names[group]}' holds '{member}', which is none of the {labels.Count} labels. Mend the name or remove it.");
                }

                if (groupOfLabel[label] >= 0)
                {
                    Throw.InvalidData($"taxonomy {name}: label '{member}' stands in group '{names[groupOfLabel[label]]}' and in '{names[group]}', expected one group for each label. Remove it from one.");
                }

                groupOfLabel[label] = group;
            }
        }

        string[] missing = [.. labels.Where((_, label) => groupOfLabel[label] < 0)];
        if (missing.Length > 0)
        {
            Throw.InvalidData($"taxonomy {name}: no group holds {string.Join(", ", missing)}, expected every one of the {labels.Count} labels. Put them into groups.");
        }

        return new EmotionTaxonomy(name, labels, EmotionLabels.Create(names), groupOfLabel);
    }

    /// <summary>Reads a taxonomy from a JSON file: <c>{"group": ["label", "label"], "other group": ["label"]}</c>.</summary>
    /// <param name="path">The file, UTF-8.</param>
    /// <param name="labels">The labels, each of which must be in exactly one group.</param>
    /// <returns>The taxonomy, its groups in the order of the file.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no such JSON, or a label is unknown, in no group or in two, or a group stands twice or is empty.
    /// </exception>
    public static EmotionTaxonomy Load(string path, EmotionLabels labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(labels);
        byte[] bytes = File.ReadAllBytes(path);
        if (!Utf8.IsValid(bytes))
        {
            Throw.InvalidData($"{path}: the file is not valid UTF-8. Save it as UTF-8.");
        }

        try
        {
            return Create(path, labels, ReadGroups(path, bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}:{(error.LineNumber ?? 0) + 1}: the file is no JSON, expected {{\"group\": [\"label\"]}}. Mend it at byte {(error.BytePositionInLine ?? 0) + 1} of the line.", error);
        }
    }

    /// <summary>The taxonomy that a user names: <c>original</c>, <c>ekman</c>, <c>sentiment</c>, or a JSON file (see <see cref="Load"/>).</summary>
    /// <param name="nameOrPath">One of the three names, or the path of a file.</param>
    /// <param name="labels">The labels to put into groups.</param>
    /// <returns>The taxonomy.</returns>
    /// <exception cref="ArgumentException"><paramref name="nameOrPath"/> is null, empty, or neither a name nor a file.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is malformed, or the taxonomy is one of other labels.</exception>
    public static EmotionTaxonomy Resolve(string nameOrPath, EmotionLabels labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        switch (nameOrPath)
        {
            case OriginalName:
                return Original(labels);
            case EkmanName:
                return Ekman(labels);
            case SentimentName:
                return Sentiment(labels);
        }

        if (!File.Exists(nameOrPath))
        {
            Throw.Argument($"'{nameOrPath}' is neither {OriginalName}, {EkmanName} nor {SentimentName}, nor a file. Name one of them, or a JSON file with groups of labels.", nameof(nameOrPath));
        }

        return Load(nameOrPath, labels);
    }

    /// <summary>The group of a label.</summary>
    /// <param name="labelIndex">The index of the label in <see cref="Labels"/>.</param>
    /// <returns>The index of its group in <see cref="Groups"/>.</returns>
    /// <exception cref="IndexOutOfRangeException"><paramref name="labelIndex"/> is none of a label.</exception>
    public int GroupOf(int labelIndex) => _groupOfLabel[labelIndex];

    /// <summary>
    /// Maps numbers of labels to numbers of groups, each the highest of its labels: the union for truth and decisions (0 and 1), and for
    /// probabilities a lower bound of the group's that needs no assumption about how labels depend on each other.
    /// </summary>
    /// <param name="labelValues">One number for each label, <c>[labels]</c>, or several rows of them, <c>[rows, labels]</c> row-major.</param>
    /// <param name="groupValues">Filled with one number for each group, <c>[groups]</c> or <c>[rows, groups]</c> row-major.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">The lengths are no whole number of rows, or not the same.</exception>
    public int Map(ReadOnlySpan<float> labelValues, Span<float> groupValues)
    {
        int rows = Math.DivRem(labelValues.Length, Labels.Count, out int rest);
        if (rest != 0)
        {
            Throw.Argument($"'labelValues' has {labelValues.Length} elements, expected a multiple of {Labels.Count}, the number of labels.", nameof(labelValues));
        }

        if (groupValues.Length != rows * Groups.Count)
        {
            Throw.Argument($"'groupValues' has {groupValues.Length} elements, expected {rows * Groups.Count} ({rows} rows x {Groups.Count} groups).", nameof(groupValues));
        }

        groupValues.Fill(float.NegativeInfinity);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> source = labelValues.Slice(row * Labels.Count, Labels.Count);
            Span<float> destination = groupValues.Slice(row * Groups.Count, Groups.Count);
            for (int label = 0; label < source.Length; label++)
            {
                ref float value = ref destination[_groupOfLabel[label]];
                value = MathF.Max(value, source[label]);
            }
        }

        return rows;
    }

    private static List<KeyValuePair<string, IReadOnlyList<string>>> ReadGroups(string path, ReadOnlySpan<byte> utf8)
    {
        var groups = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        var json = new Utf8JsonReader(utf8);
        json.Read();
        Expect(path, utf8, ref json, JsonTokenType.StartObject, "an object {\"group\": [\"label\"]}");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string group = ReadString(path, utf8, ref json);
            json.Read();
            Expect(path, utf8, ref json, JsonTokenType.StartArray, $"an array of labels for group '{group}'");
            var members = new List<string>();
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                Expect(path, utf8, ref json, JsonTokenType.String, $"the name of a label in group '{group}'");
                members.Add(ReadString(path, utf8, ref json));
            }

            groups.Add(new(group, members));
        }

        json.Read();
        return groups;
    }

    private static void Expect(string path, ReadOnlySpan<byte> utf8, ref Utf8JsonReader json, JsonTokenType type, string expected)
    {
        if (json.TokenType != type)
        {
            Throw.InvalidData($"{path}:{LineOf(utf8, ref json)}: found {json.TokenType}, expected {expected}. Write {{\"group\": [\"label\"]}}.");
        }
    }

    private static string ReadString(string path, ReadOnlySpan<byte> utf8, ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // The only cause left, the file being valid UTF-8 and the token a string.
            return Throw.InvalidData<string>($"{path}:{LineOf(utf8, ref json)}: found half of a surrogate pair, expected Unicode text. Mend the \\u escape.");
        }
    }

    private static int LineOf(ReadOnlySpan<byte> utf8, ref Utf8JsonReader json) => utf8[..(int)json.TokenStartIndex].Count((byte)'\n') + 1;
}
