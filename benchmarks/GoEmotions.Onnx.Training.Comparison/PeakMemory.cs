using System.Diagnostics;
using System.Globalization;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>The largest resident set of a process that does nothing but train on one side.</summary>
internal static class PeakMemory
{
    private const int StepCount = 5;

    /// <summary>Starts this program anew for one side.</summary>
    /// <returns>Megabytes (2^20).</returns>
    public static double Measure(string side, int caseIndex, int threads)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (string argument in new[] { "--memory", side, caseIndex.ToString(CultureInfo.InvariantCulture), threads.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"the measurement of {side} ended with code {process.ExitCode}");
    }

    /// <summary>What the started process does: steps, then its peak on standard output.</summary>
    public static void Print(string side, int caseIndex, int threads)
    {
        StepCase step = StepCase.All[caseIndex];
        using IStepSide steps = Sides.Create(side, step, threads);
        for (int index = 0; index < StepCount; index++)
        {
            (int[][] ids, float[] targets) = step.RandomTexts(index);
            steps.Step(ids, targets);
        }

        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        double kilobytes = double.Parse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        Console.WriteLine((kilobytes / 1024).ToString("F0", CultureInfo.InvariantCulture));
    }
}
