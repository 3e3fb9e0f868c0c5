using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Training.Tests;

public sealed class FrozenPartsTests
{
    private static readonly EncoderConfig Config = EncoderConfig.Create(EncoderSize.Parse("mini"), 100, ["a", "b"]);

    [Theory]
    [InlineData("embeddings", 5)]
    [InlineData("encoder.0", 16)]
    [InlineData("encoder.1-3, embeddings", 53)]
    [InlineData("encoder", 64)]
    [InlineData("pooler", 2)]
    [InlineData("embeddings,encoder,pooler", 71)]
    public void Parse_Parts_FreezesTheirParameters(string text, int count)
    {
        FrozenParts parts = FrozenParts.Parse(text);
        IReadOnlyList<ParameterSpec> parameters = Config.Architecture.GetParameters(Config);
        Assert.Equal(count, parameters.Count(parts.Contains));
        Assert.Equal(parameters.Count - count, parameters.Count(parts.ToTrains(Config)!));
        Assert.Equal(text, parts.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Parse_Nothing_FreezesNothing(string text) => Assert.Null(FrozenParts.Parse(text).ToTrains(Config));

    [Theory]
    [InlineData("embedding")]
    [InlineData("encoder.")]
    [InlineData("encoder.x")]
    [InlineData("encoder.1-")]
    [InlineData("encoder.-1")]
    [InlineData("encoder.1-2-3")]
    [InlineData("encoder.2-1")]
    [InlineData("encoder.0-999999999")]
    [InlineData("head,,pooler")]
    public void Parse_UnknownPart_IsNamed(string text)
    {
        string message = Assert.Throws<ArgumentException>(() => FrozenParts.Parse(text)).Message;
        Assert.Contains("expected", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToTrains_PartThatIsNotThere_IsRefused()
    {
        Assert.Contains("layer 4", Assert.Throws<ArgumentException>(() => FrozenParts.Parse("encoder.2-4").ToTrains(Config)).Message);
        Assert.Contains("freezes every parameter", Assert.Throws<ArgumentException>(() => FrozenParts.Parse("embeddings,encoder,pooler,head").ToTrains(Config)).Message);
        EncoderConfig distilBert = EncoderConfig.Create(EncoderSize.Parse("tiny"), 100, ["a"], "distilbert");
        Assert.Contains("pooler", Assert.Throws<ArgumentException>(() => FrozenParts.Parse("pooler").ToTrains(distilBert)).Message);
    }
}
