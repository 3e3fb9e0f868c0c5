using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>One text a row, padded to the longest, with a mask and token types: the inputs of <see cref="ClassifierGraph"/>.</summary>
internal sealed class MaskedLayout : RowLayout
{
    private readonly GraphValue _attentionMask;

    public MaskedLayout(GraphBuilder builder, bool hasTokenTypes)
        : base(builder)
    {
        InputIds = Input(ClassifierGraph.InputIdsName, ClassifierGraph.BatchSymbol, ClassifierGraph.SequenceSymbol);
        _attentionMask = Input(ClassifierGraph.AttentionMaskName, ClassifierGraph.BatchSymbol, ClassifierGraph.SequenceSymbol);
        TokenTypeIds = hasTokenTypes ? Input(ClassifierGraph.TokenTypeIdsName, ClassifierGraph.BatchSymbol, ClassifierGraph.SequenceSymbol) : null;
    }

    public override GraphValue InputIds { get; }

    public override GraphValue? TokenTypeIds { get; }

    public override GraphValue? Lengths => null;

    protected override GraphValue FindTokens() =>
        Builder.Node("Unsqueeze", [Builder.Node("Cast", [_attentionMask], ("to", ElementType.Bool)), Builder.Integers(1, 2)]);
}
