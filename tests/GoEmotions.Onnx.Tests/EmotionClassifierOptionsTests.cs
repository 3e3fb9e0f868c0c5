using System.Diagnostics;
using System.Globalization;
using System.Numerics;

namespace GoEmotions.Onnx.Tests;

public sealed class EmotionClassifierOptionsTests
{
    private const string ExpectedProcessors = "GOEMOTIONS_EXPECTED_PROCESSORS";

    [Fact]
    public void EmotionClassifierOptions_Default_TakesTheProcessorsOfTheProcess()
    {
        // The test below runs this one in a process of fewer processors.
        int processors = int.TryParse(Environment.GetEnvironmentVariable(ExpectedProcessors), CultureInfo.InvariantCulture, out int expected) ? expected : Environment.ProcessorCount;
        var options = new EmotionClassifierOptions();
        Assert.Equal((processors, 1), (options.ResolveIntraOpThreads(), options.ResolveConcurrency()));
        options = new EmotionClassifierOptions { IntraOpThreads = 1 };
        Assert.Equal((1, processors), (options.ResolveIntraOpThreads(), options.ResolveConcurrency()));
    }

    [Fact]
    public void EmotionClassifierOptions_More_IsTheCallersWord()
    {
        var options = new EmotionClassifierOptions { IntraOpThreads = Environment.ProcessorCount + 1 };
        options.Validate();
        Assert.Equal((Environment.ProcessorCount + 1, 1), (options.ResolveIntraOpThreads(), options.ResolveConcurrency()));
    }

    [Fact]
    public async Task EmotionClassifierOptions_Affinity_IsHeeded()
    {
        const string TaskSet = "/usr/bin/taskset";
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("needs Linux");
            return;
        }

        string program = Path.ChangeExtension(typeof(EmotionClassifierOptionsTests).Assembly.Location, null);
        Assert.SkipUnless(File.Exists(TaskSet) && File.Exists(program), $"needs {TaskSet}, and this test as a program");
        string processor = BitOperations.TrailingZeroCount(Process.GetCurrentProcess().ProcessorAffinity).ToString(CultureInfo.InvariantCulture);
        string test = $"{typeof(EmotionClassifierOptionsTests).FullName}.{nameof(EmotionClassifierOptions_Default_TakesTheProcessorsOfTheProcess)}";
        var start = new ProcessStartInfo(TaskSet, ["-c", processor, program, "-method", test]) { RedirectStandardOutput = true };
        start.Environment[ExpectedProcessors] = "1";
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        Assert.Contains("Total: 1,", output);
    }
}
