using BenchmarkDotNet.Attributes;
using GoEmotions.Onnx.Benchmarks.Engine;

namespace GoEmotions.Onnx.Benchmarks.Tokenization;

/// <summary>Text to ids on texts that every checkout has: a text put together from the embedded sample, its length in tokens given.</summary>
[MemoryDiagnoser]
public class SampleTokenizerBenchmarks
{
    private readonly int[] _ids = new int[BenchmarkTexts.MaxLength];
    private BenchmarkTexts? _texts;
    private string _text = "";

    [Params(16, 128)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _texts = BenchmarkTexts.Load(1, always: true);
        _text = _texts.OfLength(Tokens);
    }

    [Benchmark]
    public int Encode() => _texts!.Tokenizer.Encode(_text, _ids, out _);
}
