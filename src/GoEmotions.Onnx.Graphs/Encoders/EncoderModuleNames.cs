namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>The modules of a classifier by their names in a checkpoint, without <c>.weight</c> and <c>.bias</c>.</summary>
internal sealed record EncoderModuleNames
{
    public required string WordEmbeddings { get; init; }

    public required string PositionEmbeddings { get; init; }

    /// <summary>Null where the architecture has no token types.</summary>
    public string? TokenTypeEmbeddings { get; init; }

    public required string EmbeddingsNorm { get; init; }

    public required Func<int, EncoderLayerNames> Layer { get; init; }

    /// <summary>The linear layer between the first token's hidden state and the classifier.</summary>
    public required string HeadDense { get; init; }

    /// <summary>The operator that follows <see cref="HeadDense"/>.</summary>
    public required string HeadActivation { get; init; }

    public required string Classifier { get; init; }
}
