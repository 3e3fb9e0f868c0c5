namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>The part of a classifier that a parameter belongs to.</summary>
public enum ParameterRole
{
    /// <summary>The embeddings.</summary>
    Embeddings,

    /// <summary>One of the encoder layers.</summary>
    EncoderLayer,

    /// <summary>The pooler over the first token.</summary>
    Pooler,

    /// <summary>The classification head.</summary>
    Head,
}
