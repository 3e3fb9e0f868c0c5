using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Batching;

/// <summary>
/// Tokenized texts, shortest first, cut into batches by padded token area: each text is tokenized once, and none is
/// padded much further than its own length. Reusable, not thread-safe; its arrays grow to the largest call seen.
/// </summary>
internal sealed class LengthSortedTexts
{
    private int[] _ids = new int[1024];
    private int[] _starts = new int[64];
    private int[] _lengths = new int[64];
    private int[] _order = new int[64];
    private int _count;

    /// <summary>Tokenizes the texts and sorts them by length; texts of one length keep their order.</summary>
    public void Encode(WordPieceTokenizer tokenizer, ReadOnlySpan<string> texts, int maxLength)
    {
        _count = texts.Length;
        if (_order.Length < _count)
        {
            int capacity = Math.Max(_count, _order.Length * 2);
            _starts = new int[capacity];
            _lengths = new int[capacity];
            _order = new int[capacity];
        }

        int end = 0;
        for (int text = 0; text < texts.Length; text++)
        {
            string value = texts[text] ?? throw new ArgumentException($"text {text} is null, expected a string.", nameof(texts));

            if (_ids.Length - end < maxLength)
            {
                Array.Resize(ref _ids, Math.Max(_ids.Length * 2, end + maxLength));
            }

            _starts[text] = end;
            _lengths[text] = tokenizer.Encode(value, _ids.AsSpan(end, maxLength), out _);
            _order[text] = text;
            end += _lengths[text];
        }

        _order.AsSpan(0, _count).Sort(new ByLength(_lengths));
    }

    /// <summary>The index in the caller's order of the text at a place in the order of lengths.</summary>
    public int TextIndexAt(int place) => _order[place];

    /// <summary>Fills the batch with as many texts from <paramref name="start"/> on as fit, at least one.</summary>
    /// <returns>The number of texts in the batch.</returns>
    public int FillBatch(TokenBatch batch, int start, int maxBatchTokens, int padTokenId)
    {
        int rows = 1;
        while (start + rows < _count && (rows + 1) * _lengths[_order[start + rows]] <= maxBatchTokens)
        {
            rows++;
        }

        batch.Begin(rows, _lengths[_order[start + rows - 1]]);
        for (int row = 0; row < rows; row++)
        {
            int text = _order[start + row];
            batch.SetRow(row, _ids.AsSpan(_starts[text], _lengths[text]), padTokenId);
        }

        return rows;
    }

    private readonly struct ByLength(int[] lengths) : IComparer<int>
    {
        public int Compare(int left, int right)
        {
            int byLength = lengths[left].CompareTo(lengths[right]);
            return byLength != 0 ? byLength : left.CompareTo(right);
        }
    }
}
