using System.Globalization;
using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// The parts of a classifier that are not trained, as written <c>embeddings,encoder.0-3</c>: <c>embeddings</c>, <c>encoder</c> (all
/// layers), <c>encoder.2</c>, <c>encoder.0-3</c> (layers from 0, both ends included), <c>pooler</c>, <c>head</c>. Immutable and thread-safe.
/// </summary>
public sealed class FrozenParts
{
    private const string Expected = "embeddings, encoder, encoder.N, encoder.N-M, pooler or head, with commas between them";
    private const string Encoder = "encoder";

    private readonly HashSet<ParameterRole> _roles = [];
    private readonly SortedSet<int> _layers = [];
    private readonly string _text;

    private FrozenParts(string text) => _text = text;

    /// <summary>No part: everything is trained.</summary>
    public static FrozenParts None { get; } = new("");

    /// <summary>Reads a list of parts.</summary>
    /// <param name="text">The list; empty for none.</param>
    /// <returns>The parts.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentException">A part is unknown.</exception>
    public static FrozenParts Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text))
        {
            return None;
        }

        var parts = new FrozenParts(text);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            parts.Add(part);
        }

        return parts;
    }

    /// <summary>Whether a parameter belongs to a frozen part.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <returns><see langword="true"/> when it is not trained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="parameter"/> is null.</exception>
    public bool Contains(ParameterSpec parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return _roles.Contains(parameter.Role) || _layers.Contains(parameter.LayerIndex);
    }

    /// <summary>What <see cref="TrainingOptions.Trains"/> takes for a classifier.</summary>
    /// <param name="config">The classifier's configuration.</param>
    /// <returns>The choice of trained parameters; <see langword="null"/> for all.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">A layer or a part is frozen that the classifier does not have, or nothing is left to train.</exception>
    public Func<ParameterSpec, bool>? ToTrains(EncoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (_layers.Count > 0 && _layers.Max >= config.LayerCount)
        {
            Throw.Argument($"'{_text}' names encoder layer {_layers.Max}, expected one from 0 to {config.LayerCount - 1}: the encoder has {config.LayerCount}.", nameof(config));
        }

        IReadOnlyList<ParameterSpec> parameters = config.Architecture.GetParameters(config);
        foreach (ParameterRole role in _roles)
        {
            if (!parameters.Any(parameter => parameter.Role == role))
            {
                Throw.Argument($"'{_text}' names the {NameOf(role)}, which a {config.ModelType} classifier does not have. Leave it out.", nameof(config));
            }
        }

        if (parameters.All(Contains))
        {
            Throw.Argument($"'{_text}' freezes every parameter, expected something left to train. Leave out the head.", nameof(config));
        }

        return _roles.Count + _layers.Count == 0 ? null : parameter => !Contains(parameter);
    }

    /// <summary>The list as it was written.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text;

    private static string NameOf(ParameterRole role) => role switch
    {
        ParameterRole.Embeddings => "embeddings",
        ParameterRole.EncoderLayer => Encoder,
        ParameterRole.Pooler => "pooler",
        _ => "head",
    };

    private void Add(string part)
    {
        foreach (ParameterRole role in Enum.GetValues<ParameterRole>())
        {
            if (part == NameOf(role))
            {
                _roles.Add(role);
                return;
            }
        }

        string[] ends = part.StartsWith(Encoder + ".", StringComparison.Ordinal) ? part[(Encoder.Length + 1)..].Split('-') : [];
        if (ends.Length is not (1 or 2) || !TryParseLayer(ends[0], out int first) || !TryParseLayer(ends[^1], out int last))
        {
            throw new ArgumentException($"'{part}' is no part of a classifier, expected {Expected}.");
        }

        if (last < first)
        {
            throw new ArgumentException($"'{part}' ends before it begins, expected the lower layer first: encoder.{last}-{first}.");
        }

        _layers.UnionWith(Enumerable.Range(first, last - first + 1));
    }

    // Three digits are more layers than any encoder has, and keep the range from filling the memory.
    private static bool TryParseLayer(string text, out int layer) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out layer) && layer < 1000;
}
