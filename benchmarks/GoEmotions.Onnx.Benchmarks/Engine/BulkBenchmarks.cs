using BenchmarkDotNet.Attributes;

namespace GoEmotions.Onnx.Benchmarks.Engine;

/// <summary>Many texts of real lengths in one call: 1,024 with the small model, 256 with the base model. Times are for a call.</summary>
public class BulkBenchmarks : ClassifierBenchmarks
{
    private float[] _probabilities = [];

    [GlobalSetup]
    public void Setup()
    {
        Create(textCount: Model == "base" ? 256 : 1024);
        _probabilities = new float[Texts!.Texts.Length * EmotionLabels.GoEmotions.Count];
    }

    [GlobalCleanup]
    public void Cleanup() => Dispose();

    [Benchmark]
    public float Score()
    {
        Classifier!.Score(Texts!.Texts.AsSpan(), _probabilities);
        return _probabilities[0];
    }
}
