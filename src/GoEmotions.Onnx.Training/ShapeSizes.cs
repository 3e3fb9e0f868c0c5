using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Training;

/// <summary>The sizes that the symbols of a classifier's graph have in one batch.</summary>
internal readonly record struct ShapeSizes(int Batch, int Sequence)
{
    /// <summary>The dimensions of a symbolic shape in this batch.</summary>
    public long[] Resolve(SymbolicShape shape)
    {
        var sizes = new long[shape.Rank];
        for (int axis = 0; axis < sizes.Length; axis++)
        {
            long size = shape[axis].Coefficient;
            foreach (string symbol in shape[axis].Factors)
            {
                size *= symbol switch
                {
                    ClassifierGraph.BatchSymbol => Batch,
                    ClassifierGraph.SequenceSymbol => Sequence,
                    _ => throw new InvalidOperationException($"the symbol '{symbol}' in the shape {shape} is unknown, expected {ClassifierGraph.BatchSymbol} or {ClassifierGraph.SequenceSymbol}."),
                };
            }

            sizes[axis] = size;
        }

        return sizes;
    }
}
