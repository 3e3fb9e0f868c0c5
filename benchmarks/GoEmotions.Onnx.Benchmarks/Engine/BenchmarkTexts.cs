using System.Globalization;
using System.Text;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Benchmarks.Engine;

/// <summary>
/// Texts to score and the tokenizer that reads them: the development split with bert-base-uncased's vocabulary where they are
/// there; elsewhere texts of the same lengths in tokens, put together from the words of the embedded sample, with a vocabulary
/// learnt from it and filled up to the same size.
/// </summary>
internal sealed class BenchmarkTexts
{
    /// <summary>The longest text in tokens, as the usual pipelines have it.</summary>
    public const int MaxLength = 128;

    private const int VocabularySize = 30_522;

    /// <summary>Lengths in tokens of the 5,426 development texts: the quantiles (i + 0.5) / 64. Their mean is 19.22, that of the texts 19.23.</summary>
    private static readonly int[] LengthQuantiles =
    [
        5, 6, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 10, 11, 11, 12, 12, 13, 13, 13, 14, 14, 15, 15, 15, 16, 16, 17, 17, 18, 18, 18,
        19, 19, 20, 20, 20, 21, 21, 22, 22, 23, 23, 23, 24, 25, 25, 26, 26, 27, 27, 28, 28, 29, 30, 30, 31, 32, 32, 33, 34, 35, 36, 40,
    ];

    private readonly string[] _words;

    private BenchmarkTexts(WordPieceTokenizer tokenizer, string[]? texts, int count)
    {
        Tokenizer = tokenizer;
        _words = [.. SampleTexts().SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        int[] lengths = [.. LengthQuantiles];
        new Random(1).Shuffle(lengths);
        Texts = texts is null ? [.. Enumerable.Range(0, count).Select(text => OfLength(lengths[text % lengths.Length], seed: text))] : texts[..int.Min(count, texts.Length)];
        string kind = texts is null
            ? "texts made of the embedded sample's words with the lengths of GoEmotions' development split, a vocabulary learnt from that sample and filled up"
            : "texts of GoEmotions' development split, the vocabulary of bert-base-uncased";
        Description = string.Create(CultureInfo.InvariantCulture, $"{kind} ({tokenizer.IdCount:N0} pieces)");
    }

    /// <summary>The texts.</summary>
    public string[] Texts { get; }

    public WordPieceTokenizer Tokenizer { get; }

    /// <summary>What the texts are, for the page.</summary>
    public string Description { get; }

    /// <summary>The first texts of the development split, or as many made up.</summary>
    /// <param name="count">How many.</param>
    /// <param name="always">Whether they are made up in any case, so that every machine has the same.</param>
    public static BenchmarkTexts Load(int count, bool always = false)
    {
        var options = new WordPieceTokenizerOptions { MaxLength = MaxLength };
        return BenchmarkFiles.HasDevTexts && !always
            ? new BenchmarkTexts(WordPieceTokenizer.Create(Vocabulary.Load(BenchmarkFiles.BertVocabulary), options), BenchmarkFiles.DevTexts(), count)
            : new BenchmarkTexts(WordPieceTokenizer.Create(SampleVocabulary(), options), null, count);
    }

    /// <summary>A text of so many tokens, [CLS] and [SEP] included.</summary>
    public string OfLength(int tokens, int seed = 1)
    {
        var text = new StringBuilder();
        int next = new Random(seed).Next(_words.Length);
        for (int left = tokens - 2, tried = 0; left > 0; next = (next + 1) % _words.Length, tried++)
        {
            // Where no word fits what is left: a point is one token in every vocabulary.
            string word = tried > 4 * tokens ? "." : _words[next];
            int cost = Tokenizer.CountTokens(word) - 2;
            if (cost <= left)
            {
                text.Append(text.Length > 0 ? " " : "").Append(word);
                left -= cost;
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> SampleTexts()
    {
        EmotionDataset sample = SampleCorpus.Load(new CleaningOptions { DropUnlabeled = true }).Dataset;
        return sample.Select(example => example.Text);
    }

    private static Vocabulary SampleVocabulary()
    {
        Vocabulary learnt = WordPieceTrainer.Train(SampleTexts(), new WordPieceTrainerOptions { VocabularySize = VocabularySize });
        return Vocabulary.Create([.. learnt.Pieces, .. Enumerable.Range(0, VocabularySize - learnt.Count).Select(index => $"[unused{index}]")]);
    }
}
