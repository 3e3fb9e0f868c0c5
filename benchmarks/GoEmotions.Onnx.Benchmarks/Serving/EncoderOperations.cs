using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>The arithmetic that texts need, whatever a program does beyond it.</summary>
internal static class EncoderOperations
{
    /// <summary>The operations of a model on texts: of tokens alone, the last layer's for the first token of each text.</summary>
    /// <param name="config">The model.</param>
    /// <param name="lengths">The tokens of each text.</param>
    public static double Count(EncoderConfig config, IReadOnlyCollection<int> lengths)
    {
        double tokens = lengths.Sum();
        double hidden = config.HiddenSize;
        double dense = (4 * hidden * hidden) + (2.0 * hidden * config.IntermediateSize);
        double attention = lengths.Sum(length => 2.0 * length * length * hidden);
        double lastLayer = (2 * hidden * hidden * tokens) + (lengths.Count * (dense - (2 * hidden * hidden))) + (2 * tokens * hidden);
        return 2 * (((config.LayerCount - 1) * ((dense * tokens) + attention)) + lastLayer + (lengths.Count * hidden * hidden));
    }
}
