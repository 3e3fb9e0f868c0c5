namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>What callers saw: the latency of each answer, in seconds, and the rate.</summary>
internal sealed class CallerFigures(IEnumerable<double> latencies, TimeSpan duration)
{
    public double[] Latencies { get; } = [.. latencies.Order()];

    public TimeSpan Duration => duration;

    public double TextsPerSecond => Latencies.Length / duration.TotalSeconds;

    /// <summary>The turns of one side as one.</summary>
    public static CallerFigures Join(IReadOnlyCollection<CallerFigures> turns) =>
        new(turns.SelectMany(turn => turn.Latencies), TimeSpan.FromTicks(turns.Sum(turn => turn.Duration.Ticks)));
}
