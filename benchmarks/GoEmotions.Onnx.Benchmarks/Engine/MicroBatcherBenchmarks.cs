using BenchmarkDotNet.Attributes;

namespace GoEmotions.Onnx.Benchmarks.Engine;

/// <summary>Texts of many callers at once: each caller awaits the answer to one before it asks for the next. Times are for a text.</summary>
public class MicroBatcherBenchmarks : ClassifierBenchmarks
{
    private const int TextsOfACall = 256;

    private Task[] _callers = [];
    private float[][] _probabilities = [];

    [Params(1, 8, 64)]
    public int Callers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Create(TextsOfACall, new EmotionClassifierOptions { IntraOpThreads = 1 });
        _callers = new Task[Callers];
        _probabilities = [.. _callers.Select(_ => new float[EmotionLabels.GoEmotions.Count])];
    }

    [GlobalCleanup]
    public void Cleanup() => Dispose();

    // The tasks of the callers themselves are what it allocates.
    [Benchmark(OperationsPerInvoke = TextsOfACall)]
    public Task ScoreAsync()
    {
        for (int caller = 0; caller < _callers.Length; caller++)
        {
            _callers[caller] = Run(caller);
        }

        return Task.WhenAll(_callers);
    }

    private async Task Run(int caller)
    {
        for (int text = caller; text < TextsOfACall; text += _callers.Length)
        {
            await Classifier!.ScoreAsync(Texts!.Texts[text].AsMemory(), _probabilities[caller]).ConfigureAwait(false);
        }
    }
}
