using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>
/// How the tokens of a batch lie in a serving graph. Outside attention the hidden states are rows, <c>[rows, hidden]</c>; attention
/// takes them as <c>[batch, sequence, hidden]</c>.
/// </summary>
internal abstract class TokenLayout(GraphBuilder builder)
{
    private GraphValue? _areTokens;

    protected GraphBuilder Builder { get; } = builder;

    /// <summary>int64 [batch], or null where a mask says which places are tokens.</summary>
    public abstract GraphValue? Lengths { get; }

    /// <summary>int64 in the shape of <see cref="InputIds"/>, or null where every token is of type 0.</summary>
    public virtual GraphValue? TokenTypeIds => null;

    /// <summary>bool [batch, 1, 1, sequence]: which places of the padded texts are tokens.</summary>
    public GraphValue AreTokens => _areTokens ??= FindTokens();

    /// <summary>int64, of as many elements as there are rows.</summary>
    public abstract GraphValue InputIds { get; }

    public static TokenLayout Create(ServingForm form, GraphBuilder builder, EncoderConfig config) => form switch
    {
        ServingForm.Packed => new PackedLayout(builder),
        ServingForm.Padded => new PaddedLayout(builder),
        _ => new MaskedLayout(builder, config.Architecture.HasTokenTypes(config)),
    };

    /// <summary>Adds each token's position to its embedding: [rows, hidden].</summary>
    /// <param name="words">The embeddings in the shape of <see cref="InputIds"/>, [..., hidden].</param>
    /// <param name="positions">The table, [positions, hidden].</param>
    public abstract GraphValue AddPositions(GraphValue words, GraphValue positions);

    /// <summary>Each text's first row: [batch, hidden].</summary>
    public abstract GraphValue FirstTokens(GraphValue rows);

    /// <summary>Cuts columns into parts of one width and pads them: [rows, parts x hidden] to parts of [batch, sequence, hidden].</summary>
    public abstract GraphValue[] SplitAndPad(GraphValue rows, int parts);

    /// <summary>Takes the rows of tokens out of the padded ones: [batch x sequence, hidden] to [rows, hidden].</summary>
    public abstract GraphValue Unpad(GraphValue paddedRows);

    /// <summary>[batch, sequence, hidden] to [batch x sequence, hidden].</summary>
    public GraphValue ToRows(GraphValue padded) => Builder.Node("Reshape", [padded, Builder.Integers(-1, padded.Shape[padded.Rank - 1].Value)]);

    protected virtual GraphValue FindTokens()
    {
        GraphValue length = Builder.Node("Squeeze", [Builder.ShapeVector([ClassifierGraph.SequenceSymbol]), Builder.Integers(0)]);
        GraphValue places = Builder.Node("Range", [Builder.Scalar(0L), length, Builder.Scalar(1L)]);
        return Builder.Node("Less", [places, Builder.Node("Unsqueeze", [Lengths, Builder.Integers(1, 2, 3)])]);
    }

    protected GraphValue Input(string name, params ReadOnlySpan<Dimension> shape) => Builder.Input(name, ElementType.Int64, SymbolicShape.Create(shape));
}
