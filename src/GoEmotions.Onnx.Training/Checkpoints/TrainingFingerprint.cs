using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;
using Google.Protobuf;

namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>
/// What a training's numbers depend on, name by name: model, base, vocabulary, texts, options, graph, teachers. A checkpoint keeps it, and is
/// resumed only by a training with the same one. Immutable.
/// </summary>
internal sealed class TrainingFingerprint
{
    /// <summary>Options that change none of the numbers: the threads at most the last bits, and which parameters are trained stands in by name.</summary>
    internal static readonly string[] OptionsLeftOut = [nameof(TrainingOptions.Threads), nameof(TrainingOptions.Trains)];

    /// <summary>Characters of a value that a message shows.</summary>
    private const int ShownLength = 60;

    private TrainingFingerprint(IReadOnlyDictionary<string, string> entries) => Entries = entries;

    /// <summary>The values by name.</summary>
    public IReadOnlyDictionary<string, string> Entries { get; }

    /// <summary>Takes the fingerprint of a training.</summary>
    public static TrainingFingerprint Of(Checkpoint checkpoint, WordPieceTokenizer tokenizer, EmotionDataset training, EmotionDataset development, TrainingOptions options, TrainingGraph graph, Distillation? distillation = null)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        AddProperties(entries, "model", checkpoint.Config, [nameof(EncoderConfig.Labels), nameof(EncoderConfig.Architecture), nameof(EncoderConfig.InitializerRange), nameof(EncoderConfig.HeadSize)]);
        entries.Add("labels", string.Join(", ", training.Labels));
        entries.Add("base parameters", Digest(checkpoint.Parameters.Count, "tensors", hash =>
        {
            foreach (Parameter parameter in checkpoint.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal))
            {
                Append(hash, parameter.Name);
                hash.AppendData(MemoryMarshal.AsBytes(parameter.Values.Span));
            }
        }));
        entries.Add("vocabulary", Digest(tokenizer.Vocabulary.Count, "pieces", hash =>
        {
            foreach (string piece in tokenizer.Vocabulary.Pieces)
            {
                Append(hash, piece);
            }
        }));
        AddProperties(entries, "tokenizer", tokenizer.Options, []);
        entries.Add("training texts", DigestOf(training));
        entries.Add("development texts", DigestOf(development));
        AddProperties(entries, "option", options, OptionsLeftOut);
        string[] trained = [.. graph.Parameters.Where(spec => options.Trains?.Invoke(spec) ?? true).Select(spec => spec.Name)];
        entries.Add("trained parameters", Digest(trained.Length, "tensors", hash => Array.ForEach(trained, name => Append(hash, name))));
        entries.Add("training graph", Digest(graph.Model.Graph.Node.Count, "nodes", hash => hash.AppendData(graph.Model.ToByteArray())));
        if (distillation is not null)
        {
            entries.Add("teacher probabilities", Digest(training.Count, "texts", hash => hash.AppendData(MemoryMarshal.AsBytes(distillation.TeacherProbabilities.Span))));
            entries.Add("teacher weight", Format(distillation.Weight));
        }

        return new TrainingFingerprint(entries);
    }

    /// <summary>A fingerprint as a checkpoint keeps it.</summary>
    public static TrainingFingerprint FromEntries(IReadOnlyDictionary<string, string> entries) => new(entries);

    /// <summary>What differs, as the part of a message: each name with the value found in the checkpoint and the one expected; null when nothing does.</summary>
    public string? DifferenceTo(TrainingFingerprint expected)
    {
        string[] differences = [.. expected.Entries.Keys.Union(Entries.Keys)
            .Where(name => Entries.GetValueOrDefault(name) != expected.Entries.GetValueOrDefault(name))
            .Select(name => Describe(name, Entries.GetValueOrDefault(name), expected.Entries.GetValueOrDefault(name)))];
        return differences.Length == 0 ? null : string.Join("; ", differences);
    }

    /// <summary>Adds what an object's public properties hold, so that no option that is added one day can be forgotten here.</summary>
    private static void AddProperties(Dictionary<string, string> entries, string prefix, object value, IReadOnlyCollection<string> leftOut)
    {
        foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (leftOut.Contains(property.Name))
            {
                continue;
            }

            string name = $"{prefix} {property.Name}";
            object? held = property.GetValue(value);
            if (held is null or IConvertible)
            {
                entries.Add(name, Format(held));
            }
            else if (held is IEnumerable elements)
            {
                entries.Add(name, string.Join(' ', elements.Cast<object?>().Select(Format)));
            }
            else if (held is Delegate)
            {
                throw new InvalidOperationException($"{name} is a {held.GetType()}, which has no fingerprint, expected a value. Leave it out and add what follows from it.");
            }
            else
            {
                AddProperties(entries, name, held, []);
            }
        }
    }

    private static string Format(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "none";

    private static string DigestOf(EmotionDataset dataset) => Digest(dataset.Count, "texts", hash =>
    {
        foreach (EmotionExample example in dataset)
        {
            Append(hash, example.Text);
            foreach (int label in example.Labels)
            {
                hash.AppendData(BitConverter.GetBytes(label));
            }

            // No label: ends the example's labels, so that none can move to the next example unseen.
            hash.AppendData(BitConverter.GetBytes(-1));
        }
    });

    private static string Digest(int count, string unit, Action<IncrementalHash> append)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        append(hash);
        return string.Create(CultureInfo.InvariantCulture, $"{count} {unit}, sha256 {Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }

    private static void Append(IncrementalHash hash, string text)
    {
        hash.AppendData(BitConverter.GetBytes(text.Length));
        hash.AppendData(Encoding.Unicode.GetBytes(text));
    }

    private static string Describe(string name, string? found, string? expected)
    {
        int start = 0;
        if (found is not null && expected is not null)
        {
            // A long list that differs late is shown from a little before the difference on.
            int same = found.AsSpan().CommonPrefixLength(expected);
            start = same > ShownLength / 2 ? same - (ShownLength / 4) : 0;
        }

        return $"{name} is {Show(found, start)} there, {Show(expected, start)} here";
    }

    private static string Show(string? value, int start)
    {
        if (value is null)
        {
            return "unknown";
        }

        string shown = value.Length - start > ShownLength ? value.AsSpan(start, ShownLength).ToString() + "..." : value[start..];
        return start > 0 ? "..." + shown : shown;
    }
}
