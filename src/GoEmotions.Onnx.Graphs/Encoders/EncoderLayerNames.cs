namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>The modules of a post-LN encoder layer by their names in a checkpoint, without <c>.weight</c> and <c>.bias</c>.</summary>
internal sealed record EncoderLayerNames
{
    public required string Query { get; init; }

    public required string Key { get; init; }

    public required string Value { get; init; }

    public required string AttentionOutput { get; init; }

    public required string AttentionNorm { get; init; }

    public required string Intermediate { get; init; }

    public required string Output { get; init; }

    public required string OutputNorm { get; init; }
}
