using System.Globalization;
using System.Text.Json;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Training.Artifacts;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>A checkpoint or a file that <c>inspect</c> looked into.</summary>
/// <param name="Source">Where it was found.</param>
/// <param name="Summary">What it consists of.</param>
/// <param name="Config">Its configuration; null for a single file.</param>
/// <param name="Notes">What a person should know of it.</param>
internal sealed record InspectedPart(string Source, ModelSummary Summary, EncoderConfig? Config, IReadOnlyList<string> Notes)
{
    /// <summary>What a checkpoint of training artifacts holds besides parameters; null for anything else.</summary>
    public OrtCheckpoint? Checkpoint { get; init; }

    /// <summary>Names and values for people.</summary>
    public IEnumerable<(string Name, string Value)> Describe()
    {
        if (Config is { } config)
        {
            yield return ("architecture", $"{config.Architecture.ClassifierClass}, {config.LayerCount} layers x {config.HiddenSize} hidden x {config.HeadCount} heads, feed-forward {config.IntermediateSize}");
            yield return ("vocabulary", Number(config.VocabularySize));
            yield return ("positions", Number(config.MaxPositionEmbeddings));
            yield return ("labels", $"{config.Labels.Count}: {string.Join(", ", config.Labels)}");
        }

        if (Summary.Producer.Length > 0)
        {
            yield return ("producer", Summary.Producer);
        }

        yield return ("parameters", Number(Summary.ParameterCount));
        yield return ("tensors", $"{Summary.Tensors.Count}, {Summary.TensorSizeInBytes / 1e6:N2} MB");
        foreach ((string name, TensorType type) in Summary.Inputs)
        {
            yield return ("input", $"{name}: {type}");
        }

        foreach ((string name, TensorType type) in Summary.Outputs)
        {
            yield return ("output", $"{name}: {type}");
        }

        if (Summary.Operators.Count > 0)
        {
            yield return ("opsets", string.Join(", ", Summary.Opsets.Select(opset => $"{opset.Key} {opset.Value}")));
            yield return ("operators", $"{Summary.Operators.Sum(item => item.Value)}: {string.Join(", ", Summary.Operators.Select(item => $"{item.Key} {item.Value}"))}");
        }

        if (Checkpoint is { } checkpoint)
        {
            yield return ("checkpoint", $"version {checkpoint.Version}, {checkpoint.Trained.Count} trained tensors ({Number(checkpoint.Trained.ElementCount)} parameters), {checkpoint.Frozen.Count} frozen ({Number(checkpoint.Frozen.ElementCount)})");
            yield return ("optimizer", checkpoint.Optimizer is { } state
                ? string.Create(CultureInfo.InvariantCulture, $"{state.GroupName}, step {state.Step:N0}, initial learning rate {state.LearningRate:G4}, moments of {state.FirstMoments.Count} tensors{(state.SecondMoments.Count > 0 ? ", first and second" : state.FirstMoments.Count > 0 ? ", first only" : "")}")
                : "none: no step was taken");
            foreach ((string name, object value) in Properties(checkpoint))
            {
                yield return ("property", string.Create(CultureInfo.InvariantCulture, $"{name}: {value}"));
            }
        }

        foreach (string note in Notes)
        {
            yield return ("note", note);
        }

        static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
    }

    /// <summary>Writes an object for programs.</summary>
    public void WriteTo(Utf8JsonWriter writer, bool listTensors)
    {
        writer.WriteStartObject();
        writer.WriteString("source", Source);
        if (Config is { } config)
        {
            writer.WriteString("model_type", config.ModelType);
            writer.WriteNumber("layers", config.LayerCount);
            writer.WriteNumber("hidden_size", config.HiddenSize);
            writer.WriteNumber("heads", config.HeadCount);
            writer.WriteNumber("intermediate_size", config.IntermediateSize);
            writer.WriteNumber("vocab_size", config.VocabularySize);
            writer.WriteNumber("max_position_embeddings", config.MaxPositionEmbeddings);
            WriteStrings(writer, "labels", config.Labels);
        }

        writer.WriteNumber("parameters", Summary.ParameterCount);
        writer.WriteNumber("tensor_bytes", Summary.TensorSizeInBytes);
        WriteTypes(writer, "inputs", Summary.Inputs);
        WriteTypes(writer, "outputs", Summary.Outputs);
        WriteNumbers(writer, "opsets", Summary.Opsets);
        WriteNumbers(writer, "operators", Summary.Operators.Select(item => KeyValuePair.Create(item.Key, (long)item.Value)));
        if (listTensors)
        {
            WriteTypes(writer, "tensors", Summary.Tensors);
        }

        if (Checkpoint is { } checkpoint)
        {
            WriteCheckpoint(writer, checkpoint);
        }

        WriteStrings(writer, "notes", Notes);
        writer.WriteEndObject();
    }

    private static void WriteCheckpoint(Utf8JsonWriter writer, OrtCheckpoint checkpoint)
    {
        writer.WriteStartObject("checkpoint");
        writer.WriteNumber("version", checkpoint.Version);
        WriteStrings(writer, "trained", checkpoint.Trained.Select(parameter => parameter.Name));
        WriteStrings(writer, "frozen", checkpoint.Frozen.Select(parameter => parameter.Name));
        if (checkpoint.Optimizer is { } state)
        {
            writer.WriteStartObject("optimizer");
            writer.WriteString("group", state.GroupName);
            writer.WriteNumber("step", state.Step);
            writer.WriteString("initial_learning_rate", state.LearningRate.ToString(CultureInfo.InvariantCulture));
            writer.WriteNumber("first_moments", state.FirstMoments.Count);
            writer.WriteNumber("second_moments", state.SecondMoments.Count);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("properties");
        foreach ((string name, object value) in Properties(checkpoint))
        {
            writer.WriteString(name, string.Create(CultureInfo.InvariantCulture, $"{value}"));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static IEnumerable<(string Name, object Value)> Properties(OrtCheckpoint checkpoint) =>
        checkpoint.IntegerProperties.Select(pair => (pair.Key, (object)pair.Value))
            .Concat(checkpoint.FloatProperties.Select(pair => (pair.Key, (object)pair.Value)))
            .Concat(checkpoint.TextProperties.Select(pair => (pair.Key, (object)pair.Value)));

    private static void WriteStrings(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static void WriteTypes(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, TensorType>> types)
    {
        writer.WriteStartObject(name);
        foreach ((string key, TensorType type) in types)
        {
            writer.WriteString(key, type.ToString());
        }

        writer.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, long>> numbers)
    {
        writer.WriteStartObject(name);
        foreach ((string key, long value) in numbers)
        {
            writer.WriteNumber(key, value);
        }

        writer.WriteEndObject();
    }
}
