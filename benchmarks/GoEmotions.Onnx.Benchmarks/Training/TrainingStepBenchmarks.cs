using BenchmarkDotNet.Attributes;
using GoEmotions.Onnx.Training.Comparison;

namespace GoEmotions.Onnx.Benchmarks.Training;

/// <summary>
/// A whole training step (forward, backward, clipping, AdamW; dropout 0.1) on all processors. Beside PyTorch's, in one run, it is
/// measured by GoEmotions.Onnx.Training.Comparison, whose cases and side these are.
/// </summary>
[MemoryDiagnoser]
public class TrainingStepBenchmarks : IDisposable
{
    private OurSteps? _steps;
    private (int[][] Ids, float[] Targets) _texts;

    /// <summary>Layers x hidden size, then texts x tokens of a batch.</summary>
    public static IEnumerable<string> Cases => StepCase.All.Select(NameOf);

    [ParamsSource(nameof(Cases))]
    public string Case { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        StepCase step = StepCase.All.Single(candidate => NameOf(candidate) == Case);
        _steps = new OurSteps(step.Config, step.Batch * step.Sequence, Environment.ProcessorCount);
        _texts = step.RandomTexts(seed: 1);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _steps?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public double Step() => _steps!.Step(_texts.Ids, _texts.Targets);

    private static string NameOf(StepCase step) => $"{step.Model}, {step.Shape}";
}
