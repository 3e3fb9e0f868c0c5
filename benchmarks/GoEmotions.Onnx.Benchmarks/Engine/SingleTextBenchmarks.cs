using BenchmarkDotNet.Attributes;

namespace GoEmotions.Onnx.Benchmarks.Engine;

/// <summary>One text a call, from characters to probabilities, all processors: the latency of one caller.</summary>
public class SingleTextBenchmarks : ClassifierBenchmarks
{
    private readonly float[] _probabilities = new float[EmotionLabels.GoEmotions.Count];
    private string _text = "";

    /// <summary>The text's length, [CLS] and [SEP] included.</summary>
    [Params(16, 32, 128)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Create(textCount: 64);
        _text = Texts!.OfLength(Tokens);
    }

    [GlobalCleanup]
    public void Cleanup() => Dispose();

    [Benchmark]
    public float Score()
    {
        Classifier!.Score(_text, _probabilities);
        return _probabilities[0];
    }
}
