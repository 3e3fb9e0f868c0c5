using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Shapes;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs;

/// <summary>What a model consists of, for people: parameters, bytes, inputs, outputs, operators. Immutable.</summary>
public sealed record ModelSummary
{
    private ModelSummary()
    {
    }

    /// <summary>The number of elements in the float tensors that the model stores; scalars, shapes, axes and other integers are constants and not counted.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>The size of all stored tensors in bytes.</summary>
    public required long TensorSizeInBytes { get; init; }

    /// <summary>The inputs that a caller gives, by name, in order; empty for a checkpoint.</summary>
    public required IReadOnlyList<KeyValuePair<string, TensorType>> Inputs { get; init; }

    /// <summary>The outputs, by name, in order; empty for a checkpoint.</summary>
    public required IReadOnlyList<KeyValuePair<string, TensorType>> Outputs { get; init; }

    /// <summary>The number of nodes per operator, most first; operators of other sets than the standard's have their domain before them.</summary>
    public required IReadOnlyList<KeyValuePair<string, int>> Operators { get; init; }

    /// <summary>The version of each operator set, by domain (<c>ai.onnx</c> is the standard's).</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> Opsets { get; init; }

    /// <summary>The stored tensors, by name, in order.</summary>
    public required IReadOnlyList<KeyValuePair<string, TensorType>> Tensors { get; init; }

    /// <summary>Who wrote the model, with the version; empty when the model does not say.</summary>
    public required string Producer { get; init; }

    /// <summary>Summarises a model.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The summary.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    public static ModelSummary Of(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        GraphProto graph = model.Graph ?? new GraphProto();
        var stored = new HashSet<string>(graph.Initializer.Select(tensor => tensor.Name), StringComparer.Ordinal);
        KeyValuePair<string, TensorType>[] tensors = [.. graph.Initializer.Select(tensor => KeyValuePair.Create(tensor.Name, TensorContent.Describe(tensor).Type))];
        return new ModelSummary
        {
            ParameterCount = CountParameters(tensors),
            TensorSizeInBytes = tensors.Sum(tensor => SizeInBytes(tensor.Value)),
            Inputs = [.. graph.Input.Where(input => !stored.Contains(input.Name)).Select(Describe)],
            Outputs = [.. graph.Output.Select(Describe)],
            Operators =
            [
                .. graph.Node
                    .CountBy(node => OperatorTable.Normalize(node.Domain) is { Length: > 0 } domain ? $"{domain}.{node.OpType}" : node.OpType)
                    .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal),
            ],
            Opsets = [.. model.OpsetImport.Select(import => KeyValuePair.Create(OperatorTable.Normalize(import.Domain) is { Length: > 0 } domain ? domain : "ai.onnx", import.Version))],
            Tensors = tensors,
            Producer = $"{model.ProducerName} {model.ProducerVersion}".Trim(),
        };
    }

    /// <summary>Summarises a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <returns>The summary; it has no inputs, outputs and operators.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="checkpoint"/> is null.</exception>
    public static ModelSummary Of(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return Of(checkpoint.Parameters);
    }

    /// <summary>Summarises parameters.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <returns>The summary; it has no inputs, outputs and operators.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    public static ModelSummary Of(ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return OfTensors([.. parameters.Select(parameter => KeyValuePair.Create(parameter.Name, new TensorType(ElementType.Float32, SymbolicShape.Constant([.. parameter.Shape]))))]);
    }

    /// <summary>Summarises a safetensors file.</summary>
    /// <param name="file">The file.</param>
    /// <returns>The summary; it has no inputs, outputs and operators.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="file"/> is null.</exception>
    public static ModelSummary Of(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return OfTensors([.. file.Tensors.Select(tensor => KeyValuePair.Create(tensor.Name, new TensorType(tensor.ElementType, SymbolicShape.Constant([.. tensor.Shape]))))]);
    }

    private static ModelSummary OfTensors(KeyValuePair<string, TensorType>[] tensors) => new()
    {
        ParameterCount = CountParameters(tensors),
        TensorSizeInBytes = tensors.Sum(tensor => SizeInBytes(tensor.Value)),
        Inputs = [],
        Outputs = [],
        Operators = [],
        Opsets = [],
        Tensors = tensors,
        Producer = "",
    };

    private static long CountParameters(KeyValuePair<string, TensorType>[] tensors) =>
        tensors.Where(tensor => tensor.Value.ElementType.IsFloat() && tensor.Value.Shape?.Rank > 0).Sum(tensor => Count(tensor.Value));

    private static KeyValuePair<string, TensorType> Describe(ValueInfoProto value) => KeyValuePair.Create(value.Name, TensorType.FromProto(value.Type));

    private static long Count(TensorType type) => type.Shape?.ElementCount is { IsConstant: true } count ? count.Value : 0;

    private static long SizeInBytes(TensorType type) => ((Count(type) * type.ElementType.SizeInBits()) + 7) / 8;
}
