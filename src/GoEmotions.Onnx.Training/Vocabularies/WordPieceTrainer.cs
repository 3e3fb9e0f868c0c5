using System.Runtime.InteropServices;
using System.Text;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Training.Vocabularies;

/// <summary>
/// Makes a WordPiece vocabulary from texts: from characters up, the most frequent pair of neighbouring pieces becomes a
/// piece, again and again (Sennrich et al. 2016, algorithm 1, with <c>##</c> before pieces that continue a word). Equal
/// texts and options give an equal vocabulary on every machine. Thread-safe.
/// </summary>
/// <remarks>
/// Pairs are ranked by frequency, as Hugging Face's WordPieceTrainer does, and not by likelihood
/// count(ab) / (count(a) count(b)): docs/tokenization.md has the tokens per word of both.
/// </remarks>
public static class WordPieceTrainer
{
    private const string Prefix = "##";

    /// <summary>The first pieces of every vocabulary, with ids 0 to 4.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Makes a vocabulary.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="options">What vocabulary to make.</param>
    /// <returns>
    /// The vocabulary: special tokens, added tokens, the alphabet by code point, the pieces in the order in which they were found.
    /// </returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or the alphabet alone is larger than the vocabulary.</exception>
    public static Vocabulary Train(IEnumerable<string> texts, WordPieceTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinFrequency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AlphabetLimit, 1);

        List<KeyValuePair<string, int>> words = CountWords(texts, options);
        var pieces = new PieceList();
        foreach (string token in SpecialTokens.Concat(options.AddedTokens))
        {
            pieces.Add(token);
        }

        AddAlphabet(pieces, words, options.AlphabetLimit);
        List<TrainingWord> spelled = Spell(pieces, words);
        if (pieces.Count > options.VocabularySize)
        {
            Throw.Argument(
                $"{nameof(options.VocabularySize)} is {options.VocabularySize}, expected at least {pieces.Count}: special tokens, added tokens and the {options.AlphabetLimit} most frequent characters at most. Ask for more pieces or lower {nameof(options.AlphabetLimit)}.",
                nameof(options));
        }

        Merge(pieces, spelled, options);
        return Vocabulary.Create(pieces.Pieces);
    }

    private static List<KeyValuePair<string, int>> CountWords(IEnumerable<string> texts, WordPieceTrainerOptions options)
    {
        var normalizer = new BertNormalizer(options.Normalizer);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> countsBySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string text in texts)
        {
            string words = text;
            foreach (string token in options.AddedTokens)
            {
                words = words.Replace(token, " ", StringComparison.Ordinal);
            }

            string normalized = normalizer.Normalize(words);
            foreach (Range word in BertNormalizer.SplitWords(normalized))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(countsBySpan, normalized.AsSpan()[word], out _)++;
            }
        }

        List<KeyValuePair<string, int>> sorted = [.. counts];
        sorted.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        return sorted;
    }

    private static void AddAlphabet(PieceList pieces, List<KeyValuePair<string, int>> words, int limit)
    {
        var counts = new Dictionary<int, long>();
        foreach ((string word, int count) in words)
        {
            foreach (Rune character in word.EnumerateRunes())
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, character.Value, out _) += count;
            }
        }

        IEnumerable<int> kept = counts
            .OrderByDescending(count => count.Value)
            .ThenBy(count => count.Key)
            .Take(limit)
            .Select(count => count.Key)
            .Order();
        foreach (int character in kept)
        {
            pieces.Add(char.ConvertFromUtf32(character));
        }
    }

    // Words become pieces of one character; those with a character outside the alphabet are unknown whatever is learned.
    private static List<TrainingWord> Spell(PieceList pieces, List<KeyValuePair<string, int>> words)
    {
        IEnumerable<string> continuing = words
            .SelectMany(word => word.Key.EnumerateRunes().Skip(1))
            .Distinct()
            .Where(character => pieces.Contains(character.ToString()))
            .Order()
            .Select(character => Prefix + character.ToString());
        foreach (string piece in continuing.ToList())
        {
            pieces.Add(piece);
        }

        var spelled = new List<TrainingWord>(words.Count);
        foreach ((string word, int count) in words)
        {
            var ids = new List<int>(word.Length);
            foreach (Rune character in word.EnumerateRunes())
            {
                if (!pieces.TryGetId(ids.Count == 0 ? character.ToString() : Prefix + character.ToString(), out int id))
                {
                    ids.Clear();
                    break;
                }

                ids.Add(id);
            }

            if (ids.Count > 1)
            {
                spelled.Add(new TrainingWord([.. ids], count));
            }
        }

        return spelled;
    }

    private static void Merge(PieceList pieces, List<TrainingWord> words, WordPieceTrainerOptions options)
    {
        var pairs = new PairCounts(options.MinFrequency);
        for (int word = 0; word < words.Count; word++)
        {
            pairs.Add(words[word], word);
        }

        pairs.Enqueue();
        while (pieces.Count < options.VocabularySize && pairs.TryTakeMostFrequent(out PiecePair pair, out IReadOnlyCollection<int> places))
        {
            int merged = pieces.Add(pieces[pair.Left] + pieces[pair.Right][Prefix.Length..]);
            foreach (int word in places)
            {
                pairs.Remove(words[word]);
                words[word].Merge(pair, merged);
                pairs.Add(words[word], word);
            }

            pairs.Enqueue();
        }
    }
}
