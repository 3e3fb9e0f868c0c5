namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>The names, in a Hugging Face checkpoint, of the parameters that predict hidden tokens; those of modules without <c>.weight</c> and <c>.bias</c>.</summary>
internal sealed record MaskedTokenHeadNames
{
    /// <summary>The parameter of word embeddings, which are the output layer's weights too.</summary>
    public required string WordEmbeddings { get; init; }

    /// <summary>The dense layer over the hidden state.</summary>
    public required string Transform { get; init; }

    /// <summary>The layer normalization behind it.</summary>
    public required string Norm { get; init; }

    /// <summary>The parameter of output biases, one for each piece of the vocabulary.</summary>
    public required string Bias { get; init; }
}
