using System.Numerics.Tensors;
using GoEmotions.Onnx.Sessions;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Batching;

/// <summary>
/// Tokenized texts, shortest first, cut into batches: each text is tokenized once, and none is padded much further than its own
/// length. It holds as many texts as fit, and is used again for the next ones; its size never changes. Not thread-safe.
/// </summary>
internal sealed class TextRows
{
    // A call of more texts is worked off in parts of this size, so that memory does not grow with the call.
    public const int MaxTexts = 1024;

    private const int IdCapacity = 64 * 1024;

    private readonly LongTextWindows _windows;
    private readonly int _labelCount;
    private readonly int[] _ids;
    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly int[] _texts;
    private readonly long[] _order;
    private readonly ScoredText[] _scored = new ScoredText[MaxTexts];
    private int _idCount;
    private int _rowCount;
    private int _textCount;

    public TextRows(LongTextWindows windows, int labelCount)
    {
        _windows = windows;
        _labelCount = labelCount;
        _ids = new int[int.Max(windows.TokenLimit, IdCapacity)];
        int maxRows = MaxTexts + windows.CountWindows(windows.TokenLimit - 2);
        _starts = new int[maxRows];
        _lengths = new int[maxRows];
        _texts = new int[maxRows];
        _order = new long[maxRows];
    }

    /// <summary>The number of rows to score: one for each text, more for long texts under a sliding-window policy.</summary>
    public int RowCount => _rowCount;

    /// <summary>What was seen of each text.</summary>
    public ReadOnlySpan<ScoredText> Scored => _scored.AsSpan(0, _textCount);

    /// <summary>Takes as many of the texts as fit, at least one, and sorts them by length.</summary>
    /// <returns>The number of texts taken.</returns>
    public int Encode(WordPieceTokenizer tokenizer, ReadOnlySpan<string> texts)
    {
        Clear();
        while (_textCount < texts.Length && TryAdd(tokenizer, texts[_textCount]))
        {
        }

        Sort();
        return _textCount;
    }

    /// <summary>Takes one text.</summary>
    public void Encode(WordPieceTokenizer tokenizer, ReadOnlySpan<char> text)
    {
        Clear();
        TryAdd(tokenizer, text);
        Sort();
    }

    /// <summary>Adds a text that is tokenized already; false where it does not fit.</summary>
    /// <param name="ids">Its ids, [CLS] and [SEP] included.</param>
    /// <param name="truncated">Whether ids were cut off.</param>
    public bool TryAdd(ReadOnlySpan<int> ids, bool truncated)
    {
        if (_textCount == MaxTexts || ids.Length > _ids.Length - _idCount)
        {
            return false;
        }

        ids.CopyTo(_ids.AsSpan(_idCount));
        return TryAddRows(ids.Length, truncated);
    }

    /// <summary>Sorts the rows by length; those of one length keep their order.</summary>
    public void Sort()
    {
        // Whole numbers, length before row: sorting by a comparer of one's own would box it.
        for (int row = 0; row < _rowCount; row++)
        {
            _order[row] = ((long)_lengths[row] << 32) | (uint)row;
        }

        _order.AsSpan(0, _rowCount).Sort();
    }

    /// <summary>The text that a row belongs to, by its place in the order of lengths.</summary>
    public int TextAt(int place) => _texts[RowAt(place)];

    /// <summary>Fills a context with as many rows from <paramref name="start"/> on as fit, at least one.</summary>
    /// <returns>The number of rows in the batch.</returns>
    public int FillBatch(RunContext context, int start, WordPieceTokenizer tokenizer)
    {
        int rows = 0;
        int longest = 0;
        int tokens = 0;
        while (start + rows < _rowCount)
        {
            int length = _lengths[RowAt(start + rows)] + 2;
            if (rows > 0 && !context.Capacity.Fits(rows + 1, length, tokens + length))
            {
                break;
            }

            rows++;
            longest = length;
            tokens += length;
        }

        context.Begin(rows, longest, tokens);
        for (int place = start; place < start + rows; place++)
        {
            int row = RowAt(place);
            context.AddRow(_ids.AsSpan(_starts[row], _lengths[row]), tokenizer);
        }

        return rows;
    }

    /// <summary>Readies the destination for <see cref="Collect"/>.</summary>
    public void Begin(Span<float> logits)
    {
        for (int text = 0; text < _textCount; text++)
        {
            if (_scored[text].WindowCount > 1)
            {
                Of(logits, text).Fill(_windows.Policy == LongTextPolicy.SlidingWindowMax ? float.NegativeInfinity : 0);
            }
        }
    }

    /// <summary>Puts the logits of a batch where they belong.</summary>
    public void Collect(ReadOnlySpan<float> batch, int start, Span<float> logits)
    {
        for (int place = start; !batch.IsEmpty; place++)
        {
            int text = TextAt(place);
            ReadOnlySpan<float> row = batch[.._labelCount];
            Span<float> destination = Of(logits, text);
            if (_scored[text].WindowCount == 1)
            {
                row.CopyTo(destination);
            }
            else if (_windows.Policy == LongTextPolicy.SlidingWindowMax)
            {
                TensorPrimitives.Max(row, destination, destination);
            }
            else
            {
                TensorPrimitives.MultiplyAdd(row, 1f / _scored[text].WindowCount, destination, destination);
            }

            batch = batch[_labelCount..];
        }
    }

    /// <summary>Forgets all texts.</summary>
    public void Clear() => _idCount = _rowCount = _textCount = 0;

    private Span<float> Of(Span<float> logits, int text) => logits.Slice(text * _labelCount, _labelCount);

    private int RowAt(int place) => (int)_order[place];

    private bool TryAdd(WordPieceTokenizer tokenizer, ReadOnlySpan<char> text)
    {
        int room = int.Min(_ids.Length - _idCount, _windows.TokenLimit);
        if (room < 2 || _textCount == MaxTexts)
        {
            return false;
        }

        int count = tokenizer.Encode(text, _ids.AsSpan(_idCount, room), out bool truncated);
        return !(truncated && room < _windows.TokenLimit) && TryAddRows(count, truncated);
    }

    private bool TryAddRows(int count, bool truncated)
    {
        int content = count - 2;
        int windows = _windows.CountWindows(content);
        if (_rowCount + windows > _order.Length)
        {
            return false;
        }

        for (int window = 0; window < windows; window++)
        {
            int start = window * _windows.Stride;
            _starts[_rowCount] = _idCount + 1 + start;
            _lengths[_rowCount] = _windows.WindowLength(content, start);
            _texts[_rowCount++] = _textCount;
        }

        _scored[_textCount++] = new ScoredText(count, windows, truncated);
        _idCount += count;
        return true;
    }
}
