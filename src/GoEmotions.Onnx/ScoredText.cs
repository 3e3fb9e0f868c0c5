namespace GoEmotions.Onnx;

/// <summary>What the model saw of a text.</summary>
/// <param name="TokenCount">The tokens looked at, [CLS] and [SEP] counted once.</param>
/// <param name="WindowCount">The windows that were scored; 1 but for long texts under a sliding-window policy.</param>
/// <param name="IsTruncated">Whether what follows was not looked at, because the text is longer than the limits allow.</param>
public readonly record struct ScoredText(int TokenCount, int WindowCount, bool IsTruncated);
