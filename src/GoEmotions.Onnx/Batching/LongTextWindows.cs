namespace GoEmotions.Onnx.Batching;

/// <summary>How texts that are too long for one run are divided.</summary>
internal sealed class LongTextWindows
{
    private const int AroundText = 2;
    private const int MaxTokens = 1 << 24;

    private readonly int _contentLength;

    public LongTextWindows(LongTextPolicy policy, int maxLength, int? overlap, int maxWindows)
    {
        Policy = policy;
        MaxLength = maxLength;
        _contentLength = maxLength - AroundText;
        if (policy == LongTextPolicy.Truncate)
        {
            TokenLimit = maxLength;
            return;
        }

        int shared = overlap ?? _contentLength / 4;
        if (_contentLength < 1 || shared > _contentLength / 2)
        {
            throw new ArgumentOutOfRangeException(nameof(overlap), shared, $"WindowOverlap is {shared} tokens, expected at most half of a window of {_contentLength} tokens (MaxLength {maxLength} without [CLS] and [SEP]).");
        }

        Stride = _contentLength - shared;
        long limit = maxLength + ((maxWindows - 1L) * Stride);
        if (limit > MaxTokens)
        {
            throw new ArgumentOutOfRangeException(nameof(maxWindows), maxWindows, $"MaxWindows is {maxWindows} of {maxLength} tokens, expected at most {MaxTokens} tokens in all.");
        }

        TokenLimit = (int)limit;
    }

    public LongTextPolicy Policy { get; }

    /// <summary>The longest window in tokens, [CLS] and [SEP] included.</summary>
    public int MaxLength { get; }

    /// <summary>The tokens of a text that are looked at, [CLS] and [SEP] included.</summary>
    public int TokenLimit { get; }

    /// <summary>The distance of two windows' beginnings in tokens.</summary>
    public int Stride { get; }

    /// <summary>The windows of a text of so many tokens, [CLS] and [SEP] not included.</summary>
    public int CountWindows(int contentCount) =>
        contentCount <= _contentLength ? 1 : 1 + (int)(((long)contentCount - _contentLength + Stride - 1) / Stride);

    /// <summary>The tokens of a window that begins at <paramref name="start"/>.</summary>
    public int WindowLength(int contentCount, int start) => int.Min(_contentLength, contentCount - start);
}
