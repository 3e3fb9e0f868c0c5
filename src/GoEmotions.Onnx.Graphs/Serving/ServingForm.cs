namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>How a serving graph takes the texts of a batch.</summary>
public enum ServingForm
{
    /// <summary>One text behind the other without padding; only attention sees them padded, by gathering rows.</summary>
    Packed,

    /// <summary>One text a row, padded to the longest.</summary>
    Padded,

    /// <summary>
    /// One text a row with an attention mask and, where the architecture has them, token types: the inputs of
    /// <see cref="Encoders.ClassifierGraph"/>, and standard operators of an older set alone, for other programs.
    /// </summary>
    Masked,
}
