using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>One text a row, padded to the longest; what is computed for padding is thrown away.</summary>
internal abstract class RowLayout(GraphBuilder builder) : TokenLayout(builder)
{
    public override GraphValue AddPositions(GraphValue words, GraphValue positions)
    {
        GraphValue length = Builder.ShapeVector([ClassifierGraph.SequenceSymbol]);
        GraphValue first = Builder.Node("Slice", [positions, Builder.Integers(0), length, Builder.Integers(0)]);
        return ToRows(Builder.Node("Add", [words, first]));
    }

    public override GraphValue FirstTokens(GraphValue rows) =>
        Builder.Node("Gather", [Pad(rows), Builder.Scalar(0L)], ("axis", 1L));

    public override GraphValue[] SplitAndPad(GraphValue rows, int parts)
    {
        long width = rows.Shape[1].Value / parts;
        return parts == 1 ? [Pad(rows)]
            : Builder.Node("", "Split", [Pad(rows), Builder.Integers([.. Enumerable.Repeat(width, parts)])], parts, ("axis", 2L));
    }

    public override GraphValue Unpad(GraphValue paddedRows) => paddedRows;

    private GraphValue Pad(GraphValue rows) =>
        Builder.Node("Reshape", [rows, Builder.ShapeVector([ClassifierGraph.BatchSymbol, ClassifierGraph.SequenceSymbol, rows.Shape[1].Value])]);
}
