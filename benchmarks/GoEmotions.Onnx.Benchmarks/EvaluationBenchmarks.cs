using BenchmarkDotNet.Attributes;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Benchmarks;

/// <summary>What follows the scores of a development split as large as that of GoEmotions.</summary>
[MemoryDiagnoser]
public class EvaluationBenchmarks
{
    private const int Rows = 5426;
    private const double LabelsPerRow = 1.18;

    private EvaluationInput _input = null!;
    private EvaluationInput _inputWithBootstrap = null!;
    private EvaluationResult _result = null!;

    [GlobalSetup]
    public void Setup()
    {
        EmotionLabels labels = EmotionLabels.GoEmotions;
        var random = new Random(1);
        bool[] truth = [.. Enumerable.Range(0, Rows * labels.Count).Select(_ => random.NextDouble() < LabelsPerRow / labels.Count)];
        float[] scores = [.. truth.Select(isTrue => (float)Math.Pow(random.NextDouble(), isTrue ? 1 : 8))];
        _input = new EvaluationInput
        {
            Labels = labels,
            Scores = scores,
            Truth = truth,
            Thresholds = ThresholdSearch.Find(labels, scores, truth).Thresholds,
            Bootstrap = null,
        };
        _inputWithBootstrap = _input with { Bootstrap = new BootstrapOptions() };
        _result = Evaluator.Evaluate(_inputWithBootstrap);
    }

    [Benchmark]
    public ThresholdSearchResult Thresholds() => ThresholdSearch.Find(_input.Labels, _input.Scores.Span, _input.Truth.Span);

    [Benchmark]
    public EvaluationResult Metrics() => Evaluator.Evaluate(_input);

    [Benchmark]
    public EvaluationResult MetricsAndThousandResamples() => Evaluator.Evaluate(_inputWithBootstrap);

    [Benchmark]
    public string Report() => EvaluationReport.ToHtml(_inputWithBootstrap, _result);
}
