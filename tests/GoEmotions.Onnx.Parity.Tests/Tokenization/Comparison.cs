using System.Globalization;
using System.Text;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Parity.Tests.Tokenization;

/// <summary>Compares a tokenizer with the reference over many texts; the first differences are printed whole.</summary>
internal sealed class Comparison(ReferenceTokenizer reference, WordPieceTokenizer tokenizer, int referenceTokenizer)
{
    private const int ChunkSize = 4000;
    private const int MaxReported = 10;

    private readonly StringBuilder _report = new();

    /// <summary>The number of texts that were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>The number of texts whose ids or offsets differ.</summary>
    public int Different { get; private set; }

    /// <summary>Builds the same tokenizer on both sides.</summary>
    public static Comparison Create(ReferenceTokenizer reference, Vocabulary vocabulary, WordPieceTokenizerOptions options) =>
        new(reference, WordPieceTokenizer.Create(vocabulary, options), reference.Make(vocabulary, options));

    /// <summary>Compares ids by every scan, and offsets.</summary>
    public void Compare(IEnumerable<string> texts, int maxLength = 0)
    {
        foreach (string[] chunk in texts.Chunk(ChunkSize))
        {
            ReferenceEncoding[] expected = reference.Encode(referenceTokenizer, chunk, maxLength);
            for (int index = 0; index < chunk.Length; index++)
            {
                Compare(chunk[index], expected[index], maxLength);
            }
        }
    }

    /// <summary>Compares the texts that ids decode to.</summary>
    public void CompareDecoded(IEnumerable<int[]> ids, bool skipSpecialTokens)
    {
        foreach (int[][] chunk in ids.Chunk(ChunkSize))
        {
            string[] expected = reference.Decode(referenceTokenizer, chunk, skipSpecialTokens);
            for (int index = 0; index < chunk.Length; index++)
            {
                Compared++;
                string actual = tokenizer.Decode([.. chunk[index].Select(id => (long)id)], skipSpecialTokens);
                if (actual != expected[index])
                {
                    Report($"ids {string.Join(' ', chunk[index])}\n  expected {CodePoints(expected[index])}\n  found    {CodePoints(actual)}");
                }
            }
        }
    }

    /// <summary>Fails with the first differences, if there were any; otherwise says what was compared.</summary>
    public void AssertEqual(string what)
    {
        Assert.True(Different == 0, $"{what}: {Different} of {Compared} differ from the reference\n{_report}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {Compared} compared, 0 differences");
    }

    private void Compare(string text, ReferenceEncoding expected, int maxLength)
    {
        Compared++;
        long[] ids = new long[maxLength == 0 ? text.Length * 4 + 16 : maxLength];
        int count = tokenizer.Encode(text, ids, out _);
        int[] found = [.. ids.AsSpan(0, count).ToArray().Select(id => (int)id)];
        IReadOnlyList<Token> tokens = tokenizer.Tokenize(text, maxLength == 0 ? int.MaxValue : maxLength);
        int[] codePoints = CodePointIndices(text);
        (int, int)[] offsets = [.. tokens.Select(token => (codePoints[token.Start], codePoints[token.End]))];
        if (!found.AsSpan().SequenceEqual(expected.Ids))
        {
            Report($"{Describe(text)}\n  expected {Pieces(expected.Ids)}\n  found    {Pieces(found)}");
        }
        else if (!tokens.Select(token => token.Id).SequenceEqual(expected.Ids))
        {
            Report($"{Describe(text)}\n  expected {Pieces(expected.Ids)}\n  Tokenize {Pieces([.. tokens.Select(token => token.Id)])}");
        }
        else if (!offsets.AsSpan().SequenceEqual(expected.Offsets))
        {
            Report($"{Describe(text)}\n  pieces   {Pieces(found)}\n  expected {string.Join(' ', expected.Offsets)}\n  found    {string.Join(' ', offsets)}");
        }
    }

    private void Report(string difference)
    {
        if (Different++ < MaxReported)
        {
            _report.AppendLine(difference);
        }
    }

    private string Pieces(int[] ids) => string.Join(' ', ids.Select(id => $"{id}:{tokenizer.GetPiece(id)}"));

    private static string Describe(string text) => $"text '{text}'\n  code points {CodePoints(text)}";

    private static string CodePoints(string text)
    {
        var result = new StringBuilder();
        for (int index = 0; index < text.Length; index++)
        {
            bool pair = char.IsSurrogatePair(text, index);
            int codePoint = pair ? char.ConvertToUtf32(text, index++) : text[index];
            result.Append(CultureInfo.InvariantCulture, $" U+{codePoint:X4}");
        }

        return result.ToString();
    }

    // For each UTF-16 index the number of code points before it.
    private static int[] CodePointIndices(string text)
    {
        int[] indices = new int[text.Length + 1];
        for (int unit = 0; unit < text.Length; unit++)
        {
            bool secondHalf = unit > 0 && char.IsSurrogatePair(text, unit - 1);
            indices[unit + 1] = indices[unit] + (secondHalf ? 0 : 1);
        }

        return indices;
    }
}
