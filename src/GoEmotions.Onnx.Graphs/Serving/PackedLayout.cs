using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>One text behind the other; attention's operands are gathered into their padded places.</summary>
internal sealed class PackedLayout : TokenLayout
{
    private readonly GraphValue _positionIds;
    private readonly GraphValue _padIndex;
    private readonly GraphValue _unpadIndex;
    private readonly Dictionary<(int Parts, int Part), GraphValue> _partIndices = [];
    private GraphValue? _firstIndex;

    public PackedLayout(GraphBuilder builder)
        : base(builder)
    {
        InputIds = Input(ServingGraph.InputIdsName, ServingGraph.TokensSymbol);
        _positionIds = Input(ServingGraph.PositionIdsName, ServingGraph.TokensSymbol);
        Lengths = Input(ServingGraph.LengthsName, ClassifierGraph.BatchSymbol);
        _padIndex = Input(ServingGraph.PadIndexName, ClassifierGraph.BatchSymbol, ClassifierGraph.SequenceSymbol);
        _unpadIndex = Input(ServingGraph.UnpadIndexName, ServingGraph.TokensSymbol);
    }

    public override GraphValue InputIds { get; }

    public override GraphValue Lengths { get; }

    public override GraphValue AddPositions(GraphValue words, GraphValue positions) =>
        Builder.Node("Add", [words, Builder.Node("Gather", [positions, _positionIds])]);

    public override GraphValue FirstTokens(GraphValue rows)
    {
        _firstIndex ??= Builder.Node("Gather", [_padIndex, Builder.Scalar(0L)], ("axis", 1L));
        return Builder.Node("Gather", [rows, _firstIndex]);
    }

    // [rows, parts x hidden] is [rows x parts, hidden] in memory: part j of row i is row parts x i + j, so that one Gather both
    // splits and pads.
    public override GraphValue[] SplitAndPad(GraphValue rows, int parts)
    {
        GraphValue pieces = parts == 1 ? rows : Builder.Node("Reshape", [rows, Builder.Integers(-1, rows.Shape[1].Value / parts)]);
        return [.. Enumerable.Range(0, parts).Select(part => Builder.Node("Gather", [pieces, PartIndex(parts, part)]))];
    }

    public override GraphValue Unpad(GraphValue paddedRows) => Builder.Node("Gather", [paddedRows, _unpadIndex]);

    private GraphValue PartIndex(int parts, int part)
    {
        if (!_partIndices.TryGetValue((parts, part), out GraphValue? index))
        {
            index = part > 0 ? Builder.Node("Add", [PartIndex(parts, 0), Builder.Scalar((long)part)])
                : parts > 1 ? Builder.Node("Mul", [_padIndex, Builder.Scalar((long)parts)])
                : _padIndex;
            _partIndices.Add((parts, part), index);
        }

        return index;
    }
}
