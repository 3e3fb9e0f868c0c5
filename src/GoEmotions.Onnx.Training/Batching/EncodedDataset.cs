using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Batching;

/// <summary>The examples of a data set as token ids, encoded once for all epochs. Immutable and thread-safe.</summary>
public sealed class EncodedDataset
{
    private readonly EmotionDataset _dataset;
    private readonly EncodedTexts _texts;

    private EncodedDataset(EmotionDataset dataset, EncodedTexts texts)
    {
        _dataset = dataset;
        _texts = texts;
    }

    /// <summary>The number of examples.</summary>
    public int Count => _dataset.Count;

    /// <summary>The labels.</summary>
    public EmotionLabels Labels => _dataset.Labels;

    /// <summary>The number of tokens of each example, [CLS] and [SEP] included.</summary>
    public IReadOnlyList<int> Lengths => _texts.Lengths;

    /// <summary>The number of tokens of all examples together.</summary>
    public long TokenCount => _texts.TokenCount;

    /// <summary>How many texts were cut.</summary>
    public int TruncatedCount => _texts.TruncatedCount;

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
        return new EncodedDataset(dataset, EncodedTexts.Encode(dataset.Select(example => example.Text), tokenizer, maxLength));
    }

    /// <summary>Fills a batch with examples, padded to the longest of them.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="examples">The indices of the examples.</param>
    /// <param name="labels">The destination of the targets, row-major <c>[examples, labels]</c>: 1 for a label that holds, else 0.</param>
    internal void Fill(TokenBatch batch, ReadOnlySpan<int> examples, Span<float> labels)
    {
        _texts.Fill(batch, examples);
        for (int row = 0; row < examples.Length; row++)
        {
            _dataset[examples[row]].Labels.CopyTo(labels.Slice(row * Labels.Count, Labels.Count));
        }
    }
}
