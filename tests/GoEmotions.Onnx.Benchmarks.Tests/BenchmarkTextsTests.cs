using GoEmotions.Onnx.Benchmarks.Engine;

namespace GoEmotions.Onnx.Benchmarks.Tests;

public sealed class BenchmarkTextsTests
{
    [Fact]
    public void Load_MadeUpTexts_HaveTheLengthsOfTheDevelopmentSplit()
    {
        BenchmarkTexts texts = BenchmarkTexts.Load(128, always: true);
        Assert.Equal(30_522, texts.Tokenizer.IdCount);
        int[] lengths = [.. texts.Texts.Select(text => texts.Tokenizer.CountTokens(text)).Order()];
        Assert.Equal((5, 40), (lengths[0], lengths[^1]));

        // The 64 quantiles twice: their mean, 19.22, is that of the 5,426 texts.
        Assert.Equal(19.22, lengths.Average(), 0.005);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(128)]
    public void OfLength_Tokens_AreThatMany(int tokens)
    {
        BenchmarkTexts texts = BenchmarkTexts.Load(1, always: true);
        Assert.All(Enumerable.Range(0, 20), seed => Assert.Equal(tokens, texts.Tokenizer.CountTokens(texts.OfLength(tokens, seed))));
    }
}
