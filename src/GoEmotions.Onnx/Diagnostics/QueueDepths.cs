using System.Diagnostics.Metrics;
using GoEmotions.Onnx.Batching;

namespace GoEmotions.Onnx.Diagnostics;

/// <summary>The micro-batchers that run now, whose queues are measured when a listener asks. Thread-safe.</summary>
internal static class QueueDepths
{
    private static readonly Lock Gate = new();
    private static readonly List<MicroBatcher> Batchers = [];

    /// <summary>Adds a batcher that begins.</summary>
    public static void Add(MicroBatcher batcher)
    {
        lock (Gate)
        {
            Batchers.Add(batcher);
        }
    }

    /// <summary>Removes a batcher that has ended.</summary>
    public static void Remove(MicroBatcher batcher)
    {
        lock (Gate)
        {
            Batchers.Remove(batcher);
        }
    }

    /// <summary>The texts that wait, for each model.</summary>
    public static IEnumerable<Measurement<long>> MeasureTexts() => Measure(batcher => batcher.QueuedTexts);

    /// <summary>The tokens that wait, for each model.</summary>
    public static IEnumerable<Measurement<long>> MeasureTokens() => Measure(batcher => batcher.QueuedTokens);

    // Batchers of one model are one series: two measurements with the same tags would overwrite each other.
    private static IEnumerable<Measurement<long>> Measure(Func<MicroBatcher, long> depth)
    {
        MicroBatcher[] batchers;
        lock (Gate)
        {
            batchers = [.. Batchers];
        }

        return batchers
            .GroupBy(batcher => batcher.ModelName)
            .Select(model => new Measurement<long>(model.Sum(depth), KeyValuePair.Create(EngineMetrics.ModelTag, (object?)model.Key)));
    }
}
