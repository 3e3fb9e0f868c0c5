using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Tests.Tokenization;

public sealed class BertNormalizerTests
{
    [Theory]
    [InlineData("H\u00e9llo W\u00d6RLD", "hello world")]
    [InlineData("a\tb\u00a0c\u0000d", "a b cd")]
    [InlineData("x\u4e2dy", "x \u4e2d y")]
    [InlineData("\u0130I\u0131", "ii\u0131")]
    [InlineData("\u03a3\u03c2", "\u03c3\u03c2")]
    [InlineData("\ud55c", "\u1112\u1161\u11ab")]
    [InlineData("", "")]
    [InlineData("\ud83d\ude00\ud800", "\ud83d\ude00")]
    public void Normalize_Uncased_CleansLowersAndStrips(string text, string normalized) =>
        Assert.Equal(normalized, new BertNormalizer().Normalize(text));

    [Theory]
    [InlineData("\u0130", "i\u0307")]
    [InlineData("\u0130\u0130x\u0130", "i\u0307i\u0307xi\u0307")]
    [InlineData("\u00c9", "\u00e9")]
    public void Normalize_AccentsKept_LowersCharacterByCharacter(string text, string normalized) =>
        Assert.Equal(normalized, new BertNormalizer(new BertNormalizerOptions { StripAccents = false }).Normalize(text));

    [Fact]
    public void Normalize_SurvivingMarks_AreInCanonicalOrder()
    {
        // U+1D165 (class 216, Mc) goes before U+302E (class 224): neither is an accent that is stripped.
        string marks = new BertNormalizer().Normalize("a\u302e\ud834\udd65");
        Assert.Contains(marks, (string[])["a\ud834\udd65\u302e", "a\ud834\udd65"]);
    }

    [Fact]
    public void SplitWords_NormalizedText_GivesWordsAndPunctuation()
    {
        const string Text = "  don't  stop\u3000(now) ";
        var words = new List<string>();
        foreach (Range word in BertNormalizer.SplitWords(Text))
        {
            words.Add(Text[word]);
        }

        Assert.Equal(["don", "'", "t", "stop", "(", "now", ")"], words);
    }
}
