using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Batching;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Parity.Tests.Artifacts;

/// <summary>Batches of the embedded sample's texts, and a vocabulary made from them.</summary>
internal static class TextBatches
{
    public const int RowCount = 8;
    private const int MaxLength = 48;

    private static readonly EmotionDataset Dataset = SampleCorpus.Load().Dataset;

    private static readonly WordPieceTokenizer Tokenizer = WordPieceTokenizer.Create(
        WordPieceTrainer.Train(Dataset.Select(example => example.Text), new WordPieceTrainerOptions { VocabularySize = 900 }), new WordPieceTokenizerOptions { MaxLength = MaxLength });

    private static readonly EncodedDataset Encoded = EncodedDataset.Encode(Dataset, Tokenizer, MaxLength);

    /// <summary>A configuration that fits the vocabulary and the labels.</summary>
    public static EncoderConfig Config(string modelType, EncoderSize size) =>
        EncoderConfig.Create(size, Tokenizer.IdCount, [.. Dataset.Labels], modelType) with { MaxPositionEmbeddings = MaxLength };

    /// <summary>Fills a batch of its own with the texts of a number; labels are float [rows, labels].</summary>
    public static (TokenBatch Batch, float[] Labels) Get(int number)
    {
        var batch = new TokenBatch(RowCount * MaxLength);
        var labels = new float[RowCount * Dataset.Labels.Count];
        int[] examples = [.. Enumerable.Range(0, RowCount).Select(row => ((number * RowCount) + row) * 7 % Dataset.Count)];
        Encoded.Fill(batch, examples, labels);
        return (batch, labels);
    }
}
