using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// The inputs of a model for a batch of texts: <c>input_ids</c>, <c>attention_mask</c>, <c>token_type_ids</c>, each int64
/// <c>[batch, sequence]</c>, row-major. It owns one native block and is used again for batch after batch, without
/// managed allocation.
/// </summary>
/// <remarks>
/// Not thread-safe: one batch, one thread. Spans are valid until the next <c>Encode</c> or <see cref="Dispose"/>.
/// </remarks>
public sealed class TokenBatch : IDisposable
{
    private const int PlaneCount = 3;

    private readonly bool _grows;
    private NativeBlock _block;
    private int[] _tokenCounts;
    private bool[] _truncated;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="capacity">The room in tokens: texts x sequence length, padding included; at least 2.</param>
    /// <param name="grows">
    /// Whether a batch that does not fit takes a larger block; by default no: it is an error, so that a server's memory
    /// is what was given to it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is less than 2.</exception>
    public TokenBatch(int capacity, bool grows = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        _grows = grows;

        // A row has [CLS] and [SEP] at least.
        _tokenCounts = new int[capacity / 2];
        _truncated = new bool[capacity / 2];
        _block = new NativeBlock((long)capacity * PlaneCount * sizeof(long));
        Capacity = capacity;
    }

    /// <summary>The room in tokens, padding included.</summary>
    public int Capacity { get; private set; }

    /// <summary>The number of texts.</summary>
    public int Rows { get; private set; }

    /// <summary>The number of tokens in each row, padding included.</summary>
    public int SequenceLength { get; private set; }

    /// <summary>The ids, int64 <c>[batch, sequence]</c>, the pad id behind each text.</summary>
    /// <exception cref="ObjectDisposedException">The batch is disposed.</exception>
    public ReadOnlySpan<long> InputIds => Plane(0);

    /// <summary>1 for each token and 0 for padding, int64 <c>[batch, sequence]</c>.</summary>
    /// <exception cref="ObjectDisposedException">The batch is disposed.</exception>
    public ReadOnlySpan<long> AttentionMask => Plane(1);

    /// <summary>0 for each token: a single text has one segment; int64 <c>[batch, sequence]</c>.</summary>
    /// <exception cref="ObjectDisposedException">The batch is disposed.</exception>
    public ReadOnlySpan<long> TokenTypeIds => Plane(2);

    /// <summary>The number of tokens of each text, [CLS] and [SEP] included, padding not; int32 <c>[batch]</c>.</summary>
    public ReadOnlySpan<int> TokenCounts => _tokenCounts.AsSpan(0, Rows);

    /// <summary>Whether each text was cut off; <c>[batch]</c>.</summary>
    public ReadOnlySpan<bool> Truncated => _truncated.AsSpan(0, Rows);

    /// <summary>The ids, for training to hide or replace some of them.</summary>
    internal Span<long> WritableInputIds => Plane(0);

    /// <summary>The memory of the three planes. Plane p begins at byte p x <see cref="Capacity"/> x 8.</summary>
    internal NativeBlock Block => _block;

    /// <summary>Encodes texts, one a row, padded to the longest.</summary>
    /// <inheritdoc cref="Encode(WordPieceTokenizer, ReadOnlySpan{string}, int, int)"/>
    public void Encode(WordPieceTokenizer tokenizer, ReadOnlySpan<string> texts, int maxLength) => Encode(tokenizer, texts, maxLength, 0);

    /// <summary>Encodes one text as the only row, without padding.</summary>
    /// <inheritdoc cref="Encode(WordPieceTokenizer, ReadOnlySpan{char}, int, int)"/>
    public void Encode(WordPieceTokenizer tokenizer, ReadOnlySpan<char> text, int maxLength) => Encode(tokenizer, text, maxLength, 0);

    /// <summary>Encodes texts, one a row.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="texts">The texts; none is null.</param>
    /// <param name="maxLength">The longest row in tokens, [CLS] and [SEP] included; longer texts are cut off.</param>
    /// <param name="sequenceLength">The rows' length in tokens, at least the longest text's; 0: that of the longest text.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tokenizer"/> or a text is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is less than 2 or beyond the model's, or <paramref name="sequenceLength"/> is negative.</exception>
    /// <exception cref="ArgumentException">The batch does not fit the capacity, or a text is longer than <paramref name="sequenceLength"/>. The batch is empty then.</exception>
    /// <exception cref="ObjectDisposedException">The batch is disposed.</exception>
    public void Encode(WordPieceTokenizer tokenizer, ReadOnlySpan<string> texts, int maxLength, int sequenceLength)
    {
        Begin(tokenizer, maxLength, sequenceLength);
        int longest = 0;
        int used = 0;
        for (int row = 0; row < texts.Length; row++)
        {
            string text = texts[row];
            if (text is null)
            {
                Throw.ArgumentNull($"text {row} is null, expected a string. Pass an empty string for an empty text.", nameof(texts));
            }

            longest = int.Max(longest, AddRow(tokenizer, text, row, maxLength, used));
            used += _tokenCounts[row];
        }

        Finish(tokenizer, texts.Length, used, longest, sequenceLength);
    }

    /// <summary>Encodes one text as the only row.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">The longest row in tokens, [CLS] and [SEP] included; a longer text is cut off.</param>
    /// <param name="sequenceLength">The row's length in tokens, at least the text's; 0: that of the text.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tokenizer"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is less than 2 or beyond the model's, or <paramref name="sequenceLength"/> is negative.</exception>
    /// <exception cref="ArgumentException">The text does not fit the capacity, or is longer than <paramref name="sequenceLength"/>. The batch is empty then.</exception>
    /// <exception cref="ObjectDisposedException">The batch is disposed.</exception>
    public void Encode(WordPieceTokenizer tokenizer, ReadOnlySpan<char> text, int maxLength, int sequenceLength)
    {
        Begin(tokenizer, maxLength, sequenceLength);
        int length = AddRow(tokenizer, text, 0, maxLength, 0);
        Finish(tokenizer, 1, length, length, sequenceLength);
    }

    /// <summary>Starts a batch whose rows are given by <see cref="SetRow"/>, each of which must then be set.</summary>
    internal void Begin(int rows, int sequenceLength)
    {
        ObjectDisposedException.ThrowIf(_block.IsClosed, this);
        Rows = SequenceLength = 0;
        Grow(0, (long)rows * sequenceLength, rows);
        Rows = rows;
        SequenceLength = sequenceLength;
        Plane(2).Clear();
    }

    /// <summary>Sets a row to ids that are encoded already; at most <see cref="SequenceLength"/> of them.</summary>
    internal void SetRow(int row, ReadOnlySpan<int> ids, int padTokenId)
    {
        Span<long> rowIds = Plane(0).Slice(row * SequenceLength, SequenceLength);
        Span<long> rowMask = Plane(1).Slice(row * SequenceLength, SequenceLength);
        TensorPrimitives.ConvertChecked<int, long>(ids, rowIds);
        rowIds[ids.Length..].Fill(padTokenId);
        rowMask[..ids.Length].Fill(1);
        rowMask[ids.Length..].Clear();
        _tokenCounts[row] = ids.Length;
        _truncated[row] = false;
    }

    /// <summary>Frees the native memory.</summary>
    public void Dispose()
    {
        _block.Dispose();
        Rows = SequenceLength = 0;
    }

    private Span<long> Plane(int plane) => Plane(plane, Rows * SequenceLength);

    private Span<long> Plane(int plane, int length) => _block.Span<long>((long)plane * Capacity * sizeof(long), length);

    private void Begin(WordPieceTokenizer tokenizer, int maxLength, int sequenceLength)
    {
        ObjectDisposedException.ThrowIf(_block.IsClosed, this);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, tokenizer.MaxLength);
        ArgumentOutOfRangeException.ThrowIfNegative(sequenceLength);
        Rows = SequenceLength = 0;
    }

    // Rows are written one behind the other without padding, and spread when the longest is known: each text is
    // tokenized once.
    private int AddRow(WordPieceTokenizer tokenizer, ReadOnlySpan<char> text, int row, int maxLength, int used)
    {
        int room = Capacity - used;
        if (room < 2 || row >= _tokenCounts.Length)
        {
            Grow(used, (long)used + 2, row + 1);
            room = Capacity - used;
        }

        int limit = int.Min(room, maxLength);
        int count = tokenizer.Encode(text, Plane(0, Capacity).Slice(used, limit), out bool truncated);
        if (truncated && limit < maxLength)
        {
            int needed = int.Min(tokenizer.CountTokens(text), maxLength);
            Grow(used, (long)used + needed, row + 1);
            count = tokenizer.Encode(text, Plane(0, Capacity).Slice(used, needed), out truncated);
        }

        _tokenCounts[row] = count;
        _truncated[row] = truncated;
        return count;
    }

    private void Finish(WordPieceTokenizer tokenizer, int rows, int used, int longest, int sequenceLength)
    {
        int length = sequenceLength == 0 ? longest : sequenceLength;
        if (length < longest)
        {
            Throw.Argument($"a text has {longest} tokens, expected at most 'sequenceLength' {sequenceLength}. Pass a longer sequence or a smaller 'maxLength'.", nameof(sequenceLength));
        }

        long needed = (long)rows * length;
        if (needed > Capacity)
        {
            Grow(used, needed, rows);
        }

        Span<long> ids = Plane(0, (int)needed);
        Span<long> mask = Plane(1, (int)needed);
        Plane(2, (int)needed).Clear();

        // From the last row, so that no row is overwritten before it has moved.
        for (int row = rows - 1; row >= 0; row--)
        {
            int count = _tokenCounts[row];
            used -= count;
            Span<long> rowIds = ids.Slice(row * length, length);
            ids.Slice(used, count).CopyTo(rowIds);
            rowIds[count..].Fill(tokenizer.PadTokenId);
            Span<long> rowMask = mask.Slice(row * length, length);
            rowMask[..count].Fill(1);
            rowMask[count..].Clear();
        }

        Rows = rows;
        SequenceLength = length;
    }

    private void Grow(int used, long needed, int rows)
    {
        if (needed <= Capacity && rows <= _tokenCounts.Length)
        {
            return;
        }

        if (!_grows)
        {
            ThrowFull(needed);
        }

        long capacity = long.Max(needed, long.Max((long)rows * 2, (long)Capacity * 2));
        if (capacity > int.MaxValue)
        {
            ThrowFull(needed);
        }

        var larger = new NativeBlock(capacity * PlaneCount * sizeof(long));
        Plane(0, used).CopyTo(larger.Span<long>(0, used));
        _block.Dispose();
        _block = larger;
        Capacity = (int)capacity;
        Array.Resize(ref _tokenCounts, Capacity / 2);
        Array.Resize(ref _truncated, Capacity / 2);
    }

    [DoesNotReturn]
    private void ThrowFull(long needed) =>
        Throw.Argument($"the texts need {needed} tokens or more, expected at most the batch's capacity of {Capacity}. Encode fewer texts at once, or make the {nameof(TokenBatch)} larger or growing.", "texts");
}
