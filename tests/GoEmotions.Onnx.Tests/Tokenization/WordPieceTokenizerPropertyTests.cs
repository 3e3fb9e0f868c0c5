using System.Runtime.CompilerServices;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Tests.Tokenization;

/// <summary>What holds for every text, tried on seeded ones.</summary>
public sealed class WordPieceTokenizerPropertyTests
{
    private const int Seed = 28;
    private const int Count = 8_000;

    private static readonly WordPieceTokenizer Tokenizer = WordPieceTokenizer.Create(
        SmallVocabulary.Vocabulary,
        new WordPieceTokenizerOptions { AddedTokens = [new AddedToken("[NAME]") { Special = true }] });

    private static IEnumerable<string> Texts => new TextFuzz(Seed, SmallVocabulary.Pieces).Texts(Count);

    [Fact]
    public void Scans_AnyText_Agree()
    {
        int[] expected = new int[4096];
        int[] found = new int[4096];
        int scanned = 0;
        foreach (string text in Texts)
        {
            var general = new IdWriter<int>(expected);
            Tokenizer.Encoder.EncodeNormalized(text, ref general);
            var windows = new IdWriter<int>(found);
            Tokenizer.Encoder.Encode(text, ref windows);
            Check(text, expected.AsSpan(0, general.Count), found.AsSpan(0, windows.Count));

            var characters = new IdWriter<int>(found);
            if (Tokenizer.Encoder.ScanCharacters(text, ref characters))
            {
                scanned++;
                Check(text, expected.AsSpan(0, general.Count), found.AsSpan(0, characters.Count));
            }
        }

        Assert.InRange(scanned, Count / 2, Count);
    }

    [Fact]
    public void Encode_ShorterSpan_IsAPrefixAndTheSeparator()
    {
        long[] all = new long[4096];
        long[] cut = new long[4096];
        var random = new Random(Seed);
        foreach (string text in Texts)
        {
            int count = Tokenizer.Encode(text, all, out bool truncated);
            Require(!truncated, text);
            Require(Tokenizer.CountTokens(text) == count, text);
            int length = random.Next(2, count + 3);
            int written = Tokenizer.Encode(text, cut.AsSpan(0, length), out truncated);
            Require(written == int.Min(length, count), text);
            Require(truncated == (length < count), text);
            Check(text, all.AsSpan(0, written - 1), cut.AsSpan(0, written - 1));
            Require(cut[written - 1] == Tokenizer.SeparatorTokenId, text);
        }
    }

    [Fact]
    public void Tokenize_Offsets_SliceBackToTheText()
    {
        long[] ids = new long[4096];
        foreach (string text in Texts)
        {
            int count = Tokenizer.Encode(text, ids, out _);
            IReadOnlyList<Token> tokens = Tokenizer.Tokenize(text);
            Check(text, ids.AsSpan(0, count), [.. tokens.Select(token => (long)token.Id)]);
            int end = 0;
            foreach (Token token in tokens.Skip(1).SkipLast(1))
            {
                Require(token.Start >= 0 && token.Start < token.End && token.End <= text.Length && token.End >= end, text);
                end = token.End;

                // What stands there gives the piece again, unless marks around it are part of the word.
                string slice = Tokenizer.Normalizer.Normalize(text.AsSpan(token.Start..token.End)).Trim();
                string piece = token.Piece.StartsWith("##", StringComparison.Ordinal) ? token.Piece[2..] : token.Piece;
                Require(token.Id == Tokenizer.UnknownTokenId || token.Piece == "[NAME]" || IsSpecial(token) || slice.Contains(piece, StringComparison.Ordinal), text);
            }
        }
    }

    [Fact]
    public async Task Encode_ManyThreads_GiveTheSameIds()
    {
        string[] texts = [.. Texts.Take(2000)];
        string[] expected = Encode(texts);
        string[][] found = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Encode(texts))));
        Assert.All(found, ids => Assert.Equal(expected, ids));

        static string[] Encode(string[] texts)
        {
            long[] ids = new long[4096];
            return [.. texts.Select(text => string.Join(' ', ids[..Tokenizer.Encode(text, ids, out _)]))];
        }
    }

    private static bool IsSpecial(Token token) =>
        token.Id == Tokenizer.PadTokenId || token.Id == Tokenizer.ClassTokenId || token.Id == Tokenizer.SeparatorTokenId || token.Piece == "[MASK]";

    private static void Check<T>(string text, ReadOnlySpan<T> expected, ReadOnlySpan<T> found)
        where T : IEquatable<T>
    {
        if (!expected.SequenceEqual(found))
        {
            Assert.Fail($"expected {string.Join(' ', expected.ToArray())}\nfound    {string.Join(' ', found.ToArray())}\n{Describe(text)}");
        }
    }

    private static void Require(bool condition, string text, [CallerArgumentExpression(nameof(condition))] string expected = "")
    {
        if (!condition)
        {
            Assert.Fail($"expected {expected}\n{Describe(text)}");
        }
    }

    private static string Describe(string text) => $"seed {Seed}, text {string.Join(' ', text.Select(unit => $"{(int)unit:X4}"))}";
}
