using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Training.Tests.Vocabularies;

public sealed class WordPieceTrainerTests
{
    private static readonly string[] Texts =
    [
        "low low low low low lower lower newest newest newest newest newest newest widest widest widest",
    ];

    [Fact]
    public void Train_ClassicExample_MergesTheMostFrequentPairsFirst()
    {
        // The words of Sennrich et al. 2016, figure 1. Equally frequent pairs go by the ids of their pieces: the alphabet by
        // code point, then the continuing characters by code point.
        Vocabulary vocabulary = WordPieceTrainer.Train(Texts, new WordPieceTrainerOptions { VocabularySize = 33 });
        Assert.Equal(
            [
                "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
                "d", "e", "i", "l", "n", "o", "r", "s", "t", "w",
                "##d", "##e", "##i", "##o", "##r", "##s", "##t", "##w",
                "##es", "##est", "lo", "low", "ne", "##west", "newest", "wi", "##dest", "widest",
            ],
            vocabulary.Pieces.ToArray());
    }

    [Fact]
    public void Train_EqualTexts_GivesAnEqualVocabulary()
    {
        string[] texts = [.. new TextFuzz(4, ["the", "cat", "sat", "mat", "hat", "that", "chat"]).Texts(2000)];
        var options = new WordPieceTrainerOptions { VocabularySize = 1500, AlphabetLimit = 400 };
        Vocabulary first = WordPieceTrainer.Train(texts, options);
        Vocabulary second = WordPieceTrainer.Train(texts.Reverse(), options);
        Assert.Equal(first.Pieces.ToArray(), second.Pieces.ToArray());
    }

    [Fact]
    public void Train_CountsKeptUpToDate_EqualAFullRecountPerMerge()
    {
        string[] texts = [.. new TextFuzz(11, ["banana", "bandana", "ananas", "cabana", "aaaa", "aaaaa", "abab", "ababab"]).Texts(80)];
        var options = new WordPieceTrainerOptions { VocabularySize = 600, AlphabetLimit = 100, MinFrequency = 3 };
        string[] pieces = WordPieceTrainer.Train(texts, options).Pieces.ToArray();
        int alphabetEnd = Array.FindIndex(pieces, 5, piece => piece.TrimStart('#').EnumerateRunes().Count() > 1);
        string[] expected = [.. pieces[..alphabetEnd], .. RecountedMerges(texts, options, pieces[..alphabetEnd])];
        Assert.InRange(pieces.Length, alphabetEnd + 20, options.VocabularySize);
        Assert.Equal(expected, pieces);
    }

    [Fact]
    public void Train_AddedTokens_FollowTheSpecialOnesAndAreNotLearned()
    {
        Vocabulary vocabulary = WordPieceTrainer.Train(
            ["[NAME] sat on [NAME]", "[NAME] sat"],
            new WordPieceTrainerOptions { VocabularySize = 40, AddedTokens = ["[NAME]", "[RELIGION]"] });
        Assert.Equal(["[MASK]", "[NAME]", "[RELIGION]"], vocabulary.Pieces[4..7].ToArray());
        Assert.False(vocabulary.TryGetId("name", out _));
        Assert.False(vocabulary.TryGetId("[", out _));
        Assert.True(vocabulary.TryGetId("sat", out _));
    }

    [Fact]
    public void Train_AlphabetLimit_KeepsTheMostFrequentCharacters()
    {
        Vocabulary vocabulary = WordPieceTrainer.Train(["aaa aab aac ab ab"], new WordPieceTrainerOptions { VocabularySize = 30, AlphabetLimit = 2 });
        Assert.True(vocabulary.TryGetId("a", out _) && vocabulary.TryGetId("b", out _));
        Assert.False(vocabulary.TryGetId("c", out _) || vocabulary.TryGetId("##c", out _));
        Assert.Equal("[UNK]", WordPieceTokenizer.Create(vocabulary).Tokenize("aac")[1].Piece);
    }

    [Fact]
    public void Train_MinFrequency_StopsEarly()
    {
        Vocabulary vocabulary = WordPieceTrainer.Train(["ab ab cd"], new WordPieceTrainerOptions { VocabularySize = 100, MinFrequency = 2 });
        Assert.True(vocabulary.TryGetId("ab", out _));
        Assert.False(vocabulary.TryGetId("cd", out _));
    }

    [Fact]
    public void Train_CasedNormalizer_KeepsCase()
    {
        Vocabulary vocabulary = WordPieceTrainer.Train(["Caf\u00e9 Caf\u00e9"], new WordPieceTrainerOptions { VocabularySize = 30, Normalizer = new BertNormalizerOptions { LowerCase = false } });
        Assert.True(vocabulary.TryGetId("Caf\u00e9", out _));
    }

    [Fact]
    public void Train_BadOptions_AreRefused()
    {
        Assert.Throws<ArgumentNullException>(() => WordPieceTrainer.Train(null!, new WordPieceTrainerOptions { VocabularySize = 10 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => WordPieceTrainer.Train(Texts, new WordPieceTrainerOptions { VocabularySize = 100, MinFrequency = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => WordPieceTrainer.Train(Texts, new WordPieceTrainerOptions { VocabularySize = 100, AlphabetLimit = 0 }));
        ArgumentException error = Assert.Throws<ArgumentException>(() => WordPieceTrainer.Train(Texts, new WordPieceTrainerOptions { VocabularySize = 20 }));
        Assert.StartsWith("VocabularySize is 20, expected at least 23: special tokens, added tokens and the 1000 most frequent characters at most. Ask for more pieces or lower AlphabetLimit.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_NoText_IsTheSpecialTokens() =>
        Assert.Equal(WordPieceTrainer.SpecialTokens, WordPieceTrainer.Train([], new WordPieceTrainerOptions { VocabularySize = 10 }).Pieces.ToArray());

    // The same merges by counting all pairs anew before each.
    private static List<string> RecountedMerges(string[] texts, WordPieceTrainerOptions options, string[] alphabet)
    {
        var normalizer = new BertNormalizer();
        var ids = alphabet.Select((piece, id) => (piece, id)).ToDictionary(entry => entry.piece, entry => entry.id);
        List<string> pieces = [.. alphabet];
        var words = new List<List<int>>();
        foreach (string text in texts)
        {
            string normalized = normalizer.Normalize(text);
            foreach (Range word in BertNormalizer.SplitWords(normalized))
            {
                string[] spelled = [.. normalized[word].EnumerateRunes().Select((character, index) => (index == 0 ? "" : "##") + character)];
                if (spelled.All(ids.ContainsKey))
                {
                    words.Add([.. spelled.Select(piece => ids[piece])]);
                }
            }
        }

        while (pieces.Count < options.VocabularySize)
        {
            var best = words
                .SelectMany(word => word.Zip(word.Skip(1)))
                .GroupBy(pair => pair)
                .Select(group => (group.Key, Count: group.Count()))
                .OrderByDescending(pair => pair.Count).ThenBy(pair => pair.Key.First).ThenBy(pair => pair.Key.Second)
                .FirstOrDefault();
            if (best.Count < options.MinFrequency)
            {
                break;
            }

            string merged = pieces[best.Key.First] + pieces[best.Key.Second][2..];
            if (ids.TryAdd(merged, pieces.Count))
            {
                pieces.Add(merged);
            }

            foreach (List<int> word in words)
            {
                for (int index = 0; index + 1 < word.Count; index++)
                {
                    if ((word[index], word[index + 1]) == best.Key)
                    {
                        word[index] = ids[merged];
                        word.RemoveAt(index + 1);
                    }
                }
            }
        }

        return pieces[alphabet.Length..];
    }
}
