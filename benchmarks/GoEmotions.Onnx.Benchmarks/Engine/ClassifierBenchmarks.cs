using BenchmarkDotNet.Attributes;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;

namespace GoEmotions.Onnx.Benchmarks.Engine;

/// <summary>What the suites of the engine share: a classifier of a size and a precision.</summary>
[MemoryDiagnoser]
public abstract class ClassifierBenchmarks : IDisposable
{
    /// <summary>small is 6x384, base is 12x768.</summary>
    [Params("small", "base")]
    public string Model { get; set; } = "";

    [Params(ServingPrecision.Float32, ServingPrecision.Int8)]
    public ServingPrecision Precision { get; set; }

    internal EmotionClassifier? Classifier { get; private set; }

    internal BenchmarkTexts? Texts { get; private set; }

    public void Dispose()
    {
        Classifier?.Dispose();
        GC.SuppressFinalize(this);
    }

    internal void Create(int textCount, EmotionClassifierOptions? options = null)
    {
        Texts = BenchmarkTexts.Load(textCount);
        Classifier = new BenchmarkModel(EncoderSize.Parse(Model), Texts).CreateClassifier(Precision, options);
    }
}
