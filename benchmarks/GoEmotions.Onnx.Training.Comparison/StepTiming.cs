using System.Diagnostics;
using System.Globalization;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>Times the sides' steps in turns, so that what else the machine does meets all of them alike.</summary>
internal static class StepTiming
{
    private const int WarmUpRounds = 2;

    /// <summary>Both runtimes' threads wait in busy loops for a while after their work, which would meet the next side.</summary>
    private const int RestMilliseconds = 20;

    /// <summary>Milliseconds of each side's steps: the median and the least.</summary>
    public static Dictionary<string, (double Median, double Least)> Run(StepCase step, int rounds, int threads)
    {
        var times = Sides.All.ToDictionary(side => side, _ => new List<double>());
        Dictionary<string, IStepSide> sides = Sides.All.ToDictionary(side => side, side => Sides.Create(side, step, threads));
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            (int[][] ids, float[] targets) = step.RandomTexts(round + 1000);
            foreach ((string name, IStepSide side) in sides)
            {
                Thread.Sleep(RestMilliseconds);
                long start = Stopwatch.GetTimestamp();
                double loss = side.Step(ids, targets);
                double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (!double.IsFinite(loss))
                {
                    throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the loss of {name} is {loss}"));
                }

                if (round >= 0)
                {
                    times[name].Add(milliseconds);
                }
            }
        }

        foreach (IStepSide side in sides.Values)
        {
            side.Dispose();
        }

        return times.ToDictionary(pair => pair.Key, pair => (Median(pair.Value), pair.Value.Min()));
    }

    public static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
