using GoEmotions.Onnx.Models;

namespace GoEmotions.Onnx.Sessions;

/// <summary>
/// How a graph is fed, told from its inputs: padded (<c>input_ids</c> <c>[batch, sequence]</c>, as everybody exports it) or packed
/// (<c>input_ids</c> <c>[tokens]</c>, the serving form without padding). A further form is a further table.
/// </summary>
internal sealed class GraphInputs
{
    /// <summary>The most inputs that a graph can have.</summary>
    public const int MaxCount = 5;

    private const string InputIdsName = "input_ids";
    private const string LogitsName = "logits";

    private static readonly GraphInput[] PaddedInputs =
    [
        new(InputIdsName, InputKind.InputIds, InputExtent.Area),
        new("attention_mask", InputKind.AttentionMask, InputExtent.Area),
        new("token_type_ids", InputKind.TokenTypeIds, InputExtent.Area),
        new("position_ids", InputKind.PositionIds, InputExtent.Area),
        new("lengths", InputKind.Lengths, InputExtent.Rows),
    ];

    private static readonly GraphInput[] PackedInputs =
    [
        new(InputIdsName, InputKind.InputIds, InputExtent.Tokens),
        new("position_ids", InputKind.PositionIds, InputExtent.Tokens),
        new("lengths", InputKind.Lengths, InputExtent.Rows),
        new("pad_index", InputKind.PadIndex, InputExtent.Area),
        new("unpad_index", InputKind.UnpadIndex, InputExtent.Tokens),
    ];

    private readonly GraphInput[] _items;

    private GraphInputs(GraphInput[] items, bool isPacked, string outputName, int labelCount)
    {
        _items = items;
        IsPacked = isPacked;
        OutputName = outputName;
        LabelCount = labelCount;
    }

    /// <summary>The inputs, in the graph's order.</summary>
    public ReadOnlySpan<GraphInput> Items => _items;

    /// <summary>Whether texts stand one behind the other without padding.</summary>
    public bool IsPacked { get; }

    /// <summary>The name of the logits, float32 <c>[batch, labels]</c>.</summary>
    public string OutputName { get; }

    /// <summary>The number of labels that the graph declares, or -1 where it leaves them open.</summary>
    public int LabelCount { get; }

    /// <summary>Reads the signature of a graph.</summary>
    /// <exception cref="InvalidDataException">It is no text classification graph that the engine can feed.</exception>
    public static GraphInputs Of(OnnxSummary model, string source)
    {
        OnnxValue? ids = model.Inputs.FirstOrDefault(input => input.Name == InputIdsName);
        if (ids is null)
        {
            Throw.InvalidData($"{source}: there is no input '{InputIdsName}' (found {Names(model.Inputs)}), expected a text classification graph.");
        }

        bool isPacked = ids.Dimensions.Count == 1;
        GraphInput[] table = isPacked ? PackedInputs : PaddedInputs;
        GraphInput[] items = [.. model.Inputs.Select(input => Match(input, table, source))];
        OnnxValue output = FindLogits(model, source);
        return new GraphInputs(items, isPacked, output.Name, (int)output.Dimensions[1]);
    }

    private static GraphInput Match(OnnxValue input, GraphInput[] table, string source)
    {
        int index = Array.FindIndex(table, row => row.Name == input.Name);
        if (index < 0)
        {
            Throw.InvalidData($"{source}: input '{input.Name}' is unknown, expected some of {string.Join(", ", table.Select(row => row.Name))}.");
        }

        GraphInput row = table[index];
        if (input.ElementType != OnnxElementType.Int64 || input.Dimensions.Count != row.Rank)
        {
            Throw.InvalidData($"{source}: input '{input.Name}' is {input.ElementType} of rank {input.Dimensions.Count}, expected Int64 {row.Shape}.");
        }

        if (input.Dimensions.Any(size => size >= 0))
        {
            Throw.InvalidData($"{source}: input '{input.Name}' has the fixed shape [{string.Join(", ", input.Dimensions.Select(size => size < 0 ? "?" : $"{size}"))}], expected {row.Shape} of any size. Export the model with dynamic axes.");
        }

        return row;
    }

    private static OnnxValue FindLogits(OnnxSummary model, string source)
    {
        OnnxValue? output = model.Outputs.FirstOrDefault(candidate => candidate.Name == LogitsName) ?? (model.Outputs.Count > 0 ? model.Outputs[0] : null);
        if (output is null)
        {
            Throw.InvalidData($"{source}: the graph has no output, expected '{LogitsName}'.");
        }

        if (output.ElementType != OnnxElementType.Float || output.Dimensions.Count != 2)
        {
            Throw.InvalidData($"{source}: output '{output.Name}' is {output.ElementType} of rank {output.Dimensions.Count}, expected Float [batch, labels].");
        }

        if (output.Dimensions[1] > int.MaxValue)
        {
            Throw.InvalidData($"{source}: output '{output.Name}' has {output.Dimensions[1]} labels, expected the labels of config.json.");
        }

        return output;
    }

    private static string Names(IEnumerable<OnnxValue> values) => string.Join(", ", values.Select(value => $"'{value.Name}'"));
}
