using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;

namespace GoEmotions.Onnx.Benchmarks.Tokenization;

/// <summary>Allocation, and the rates that follow from the time a text takes.</summary>
internal sealed class TextRateConfig : ManualConfig
{
    public TextRateConfig()
    {
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumn(new RateColumn("texts/s", () => 1), new RateColumn("tokens/s", () => RateColumn.TokensPerText.Value));
    }
}
