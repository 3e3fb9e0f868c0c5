using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Batching;

/// <summary>The examples of a data set as token ids, encoded once for all epochs. Immutable and thread-safe.</summary>
public sealed class EncodedDataset
{
    private readonly int[] _ids;
    private readonly int[] _starts;
    private readonly EmotionDataset _dataset;
    private readonly int _padTokenId;

    private EncodedDataset(EmotionDataset dataset, int[] ids, int[] starts, int truncatedCount, int padTokenId)
    {
        _dataset = dataset;
        _ids = ids;
        _starts = starts;
        _padTokenId = padTokenId;
        TruncatedCount = truncatedCount;
        Lengths = [.. Enumerable.Range(0, dataset.Count).Select(index => starts[index + 1] - starts[index])];
    }

    /// <summary>The number of examples.</summary>
    public int Count => _dataset.Count;

    /// <summary>The labels.</summary>
    public EmotionLabels Labels => _dataset.Labels;

    /// <summary>The number of tokens of each example, [CLS] and [SEP] included.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>The number of tokens of all examples together.</summary>
    public long TokenCount => _ids.Length;

    /// <summary>How many texts were cut.</summary>
    public int TruncatedCount { get; }

    /// <summary>Encodes a data set.</summary>
    /// <param name="dataset">The examples.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="maxLength">The longest sequence in tokens; longer texts are cut.</param>
    /// <returns>The encoded data set.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is less than 2 or more than the tokenizer takes.</exception>
    public static EncodedDataset Encode(EmotionDataset dataset, WordPieceTokenizer tokenizer, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, tokenizer.MaxLength);
        var ids = new List<int>(dataset.Count * 24);
        var starts = new int[dataset.Count + 1];
        var text = new int[maxLength];
        int truncatedCount = 0;
        for (int index = 0; index < dataset.Count; index++)
        {
            int count = tokenizer.Encode(dataset[index].Text, text, out bool truncated);
            ids.AddRange(text.AsSpan(0, count));
            starts[index + 1] = ids.Count;
            truncatedCount += truncated ? 1 : 0;
        }

        return new EncodedDataset(dataset, [.. ids], starts, truncatedCount, tokenizer.PadTokenId);
    }

    /// <summary>Fills a batch with examples, padded to the longest of them.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="examples">The indices of the examples.</param>
    /// <param name="labels">The destination of the targets, row-major <c>[examples, labels]</c>: 1 for a label that holds, else 0.</param>
    internal void Fill(TokenBatch batch, ReadOnlySpan<int> examples, Span<float> labels)
    {
        int longest = 0;
        foreach (int example in examples)
        {
            longest = Math.Max(longest, Lengths[example]);
        }

        batch.Begin(examples.Length, longest);
        for (int row = 0; row < examples.Length; row++)
        {
            int example = examples[row];
            batch.SetRow(row, _ids.AsSpan(_starts[example]..(_starts[example + 1])), _padTokenId);
            _dataset[example].Labels.CopyTo(labels.Slice(row * Labels.Count, Labels.Count));
        }
    }
}
