namespace GoEmotions.Onnx;

/// <summary>What happens to a text of more tokens than <see cref="EmotionClassifierOptions.MaxLength"/>.</summary>
public enum LongTextPolicy
{
    /// <summary>It is cut; <see cref="ScoredText.IsTruncated"/> says so.</summary>
    Truncate,

    /// <summary>Windows of the maximal length are scored; each label gets its highest logit over the windows, and so its highest probability.</summary>
    SlidingWindowMax,

    /// <summary>Windows of the maximal length are scored; each label gets the mean of its logits over the windows.</summary>
    SlidingWindowMean,
}
