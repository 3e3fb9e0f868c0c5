using System.Collections;
using System.Collections.Frozen;

namespace GoEmotions.Onnx;

/// <summary>
/// The labels of a classifier, in the order of its outputs. Immutable and thread-safe.
/// </summary>
/// <remarks>Nothing is fixed to the 28 labels of GoEmotions: any set of distinct, non-empty names will do.</remarks>
public sealed class EmotionLabels : IReadOnlyList<string>, IEquatable<EmotionLabels>
{
    private readonly string[] _names;
    private readonly FrozenDictionary<string, int> _indices;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _indicesBySpan;

    private EmotionLabels(string[] names, string source)
    {
        var indices = new Dictionary<string, int>(names.Length, StringComparer.Ordinal);
        for (int index = 0; index < names.Length; index++)
        {
            if (string.IsNullOrWhiteSpace(names[index]))
            {
                Throw.InvalidData($"{source}: label {index} is empty, expected a name. Remove the line or name the label.");
            }

            if (!indices.TryAdd(names[index], index))
            {
                Throw.InvalidData($"{source}: label '{names[index]}' stands at {indices[names[index]]} and at {index}, expected distinct names. Remove one of them.");
            }
        }

        if (names.Length == 0)
        {
            Throw.InvalidData($"{source}: found no label, expected at least one.");
        }

        _names = names;
        _indices = indices.ToFrozenDictionary(StringComparer.Ordinal);
        _indicesBySpan = _indices.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The 27 emotions of GoEmotions (Demszky et al. 2020) and <c>neutral</c>, in the order of its release.</summary>
    public static EmotionLabels GoEmotions { get; } = Create(
        "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
        "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
        "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral");

    /// <summary>The number of labels.</summary>
    public int Count => _names.Length;

    /// <summary>The name of the label at <paramref name="index"/>.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>, exclusive.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="index"/> is outside that range.</exception>
    public string this[int index] => _names[index];

    /// <summary>Makes a label set from names in the order of the classifier's outputs.</summary>
    /// <param name="names">Distinct, non-empty names.</param>
    /// <returns>The label set.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="names"/> is null.</exception>
    /// <exception cref="InvalidDataException">There is no name, or one is empty or stands twice.</exception>
    public static EmotionLabels Create(params IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new EmotionLabels([.. names], "labels");
    }

    /// <summary>Reads a label set from a text file with one name a line, as the <c>labels.txt</c> of GoEmotions.</summary>
    /// <param name="path">The file; UTF-8, blank lines at its end are ignored.</param>
    /// <returns>The label set.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">There is no name, or one is empty or stands twice.</exception>
    public static EmotionLabels Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string[] names = File.ReadAllText(path).ReplaceLineEndings("\n").TrimEnd().Split('\n');
        for (int index = 0; index < names.Length; index++)
        {
            names[index] = names[index].Trim();
        }

        return new EmotionLabels(names is [""] ? [] : names, path);
    }

    internal static EmotionLabels Create(IEnumerable<string> names, string source) => new([.. names], source);

    /// <summary>Finds a label by its name (ordinal, case-sensitive).</summary>
    /// <param name="name">The name looked for.</param>
    /// <param name="index">The label's index, or -1.</param>
    /// <returns>Whether there is such a label.</returns>
    public bool TryGetIndex(ReadOnlySpan<char> name, out int index)
    {
        if (_indicesBySpan.TryGetValue(name, out index))
        {
            return true;
        }

        index = -1;
        return false;
    }

    /// <summary>Whether both sets hold the same names in the same order.</summary>
    /// <param name="other">The other set.</param>
    /// <returns><see langword="true"/> when they are equal.</returns>
    public bool Equals(EmotionLabels? other) => other is not null && _names.AsSpan().SequenceEqual(other._names);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EmotionLabels);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (string name in _names)
        {
            hash.Add(name, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_names).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _names.GetEnumerator();
}
