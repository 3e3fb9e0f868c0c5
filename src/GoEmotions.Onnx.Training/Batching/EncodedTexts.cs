using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Training.Batching;

/// <summary>Texts as token ids, encoded once for all epochs. Immutable and thread-safe.</summary>
internal sealed class EncodedTexts
{
    private readonly int[] _ids;
    private readonly int[] _starts;
    private readonly int _padTokenId;

    private EncodedTexts(int[] ids, int[] starts, int truncatedCount, int padTokenId)
    {
        _ids = ids;
        _starts = starts;
        _padTokenId = padTokenId;
        TruncatedCount = truncatedCount;
        Lengths = [.. Enumerable.Range(0, starts.Length - 1).Select(index => starts[index + 1] - starts[index])];
    }

    public int Count => Lengths.Count;

    /// <summary>The number of tokens of each text, [CLS] and [SEP] included.</summary>
    public IReadOnlyList<int> Lengths { get; }

    public long TokenCount => _ids.Length;

    public int TruncatedCount { get; }

    /// <summary>The ids of a text.</summary>
    public ReadOnlySpan<int> this[int text] => _ids.AsSpan(_starts[text]..(_starts[text + 1]));

    public static EncodedTexts Encode(IEnumerable<string> texts, WordPieceTokenizer tokenizer, int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, tokenizer.MaxLength);
        var ids = new List<int>();
        List<int> starts = [0];
        var encoded = new int[maxLength];
        int truncatedCount = 0;
        foreach (string text in texts)
        {
            int count = tokenizer.Encode(text, encoded, out bool truncated);
            ids.AddRange(encoded.AsSpan(0, count));
            starts.Add(ids.Count);
            truncatedCount += truncated ? 1 : 0;
        }

        return new EncodedTexts([.. ids], [.. starts], truncatedCount, tokenizer.PadTokenId);
    }

    /// <summary>Fills a batch with texts, padded to the longest of them.</summary>
    public void Fill(TokenBatch batch, ReadOnlySpan<int> texts)
    {
        int longest = 0;
        foreach (int text in texts)
        {
            longest = Math.Max(longest, Lengths[text]);
        }

        batch.Begin(texts.Length, longest);
        for (int row = 0; row < texts.Length; row++)
        {
            batch.SetRow(row, this[texts[row]], _padTokenId);
        }
    }
}
