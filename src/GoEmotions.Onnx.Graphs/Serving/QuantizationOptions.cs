namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>What an int8 serving graph is made of besides the checkpoint. Immutable.</summary>
public sealed record QuantizationOptions
{
    /// <summary>The range of each activation of <see cref="ServingGraph.Activations"/>, by its name, as a calibration found it.</summary>
    public required IReadOnlyDictionary<string, ActivationRange> Ranges { get; init; }

    /// <summary>How the ranges were found, in a few words, for the file's metadata.</summary>
    public string Calibration { get; init; } = "";

    /// <summary>
    /// 7 for weights from -64 to 64, whose products are exact on every CPU; 8 for -127 to 127, which a CPU without a dot product of
    /// bytes (AVX2 without VNNI) may get wrong: it adds two products in 16 bits, and 255 x 127 x 2 does not fit.
    /// </summary>
    public int WeightBits { get; init; } = 7;

    /// <summary>Whether the word embeddings are int8 with a scale per row too: a quarter of the size on disk and in memory.</summary>
    public bool QuantizesWordEmbeddings { get; init; } = true;

    /// <summary>
    /// Whether the linear layer before the classifier is int8 too: it runs once a text, costs little in float32, and its error goes
    /// straight to the logits. The classifier itself is float32 always.
    /// </summary>
    public bool QuantizesHead { get; init; }
}
