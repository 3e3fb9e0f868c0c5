using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>One text a row, padded to the longest, with the lengths of the texts.</summary>
internal sealed class PaddedLayout : RowLayout
{
    public PaddedLayout(GraphBuilder builder)
        : base(builder)
    {
        InputIds = Input(ServingGraph.InputIdsName, ClassifierGraph.BatchSymbol, ClassifierGraph.SequenceSymbol);
        Lengths = Input(ServingGraph.LengthsName, ClassifierGraph.BatchSymbol);
    }

    public override GraphValue InputIds { get; }

    public override GraphValue Lengths { get; }
}
