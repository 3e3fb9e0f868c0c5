using System.Diagnostics;
using System.Globalization;

namespace GoEmotions.Onnx.Training.Tests.Checkpoints;

public sealed class KillTests
{
    /// <summary>How often a training is killed; GOEMOTIONS_KILLS sets another number for a longer run.</summary>
    private const int Kills = 30;

    [Fact]
    public async Task Trainer_KilledAtRandomMoments_EndsToTheBitAsTheUninterruptedRun()
    {
        using var temporary = new TemporaryFolder();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        var clock = Stopwatch.StartNew();
        CheckpointContent expected = CheckpointContent.Read((await RunAsync(temporary["whole"], null, fromStart: false, cancellation))!);
        double seconds = clock.Elapsed.TotalSeconds;
        int kills = int.Parse(Environment.GetEnvironmentVariable("GOEMOTIONS_KILLS") ?? $"{Kills}", CultureInfo.InvariantCulture);
        var random = new DeterministicRandom(1);
        int killed = 0;
        int whileWriting = 0;
        int trainings = 0;
        while (killed < kills)
        {
            string folder = temporary[$"killed-{++trainings}"];
            string? end = null;
            while (end is null)
            {
                // Mostly lives of the training, short ones more often than long ones; every fourth is of the process, which may be
                // opening the checkpoint. Once enough were killed, the last one may end.
                bool fromStart = random.Next(4) == 0;
                TimeSpan? life = killed < kills ? TimeSpan.FromSeconds(seconds * (fromStart ? 0.6 : 0.4) * random.NextDouble() * random.NextDouble()) : null;
                end = await RunAsync(folder, life, fromStart, cancellation);
                killed += end is null ? 1 : 0;
                whileWriting += end is null && Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.tmp").Any() ? 1 : 0;
            }

            expected.AssertSame(CheckpointContent.Read(end));
            Assert.Empty(Directory.EnumerateFiles(folder, "*.tmp"));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{killed} kills, {whileWriting} of them while a checkpoint was written, over {trainings} trainings of {expected.State.StepNumber} steps, {clock.Elapsed.TotalSeconds:0} s");
        Assert.True(whileWriting > 0, $"none of {killed} kills met a checkpoint that was being written");
    }

    // The file of the last checkpoint, or null when the life was over first; it begins when the process or the training does.
    private static async Task<string?> RunAsync(string folder, TimeSpan? life, bool fromStart, CancellationToken cancellation)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "GoEmotions.Onnx.Training.Tests.Runner.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        using var lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (life is { } time && fromStart)
        {
            lifetime.CancelAfter(time);
        }

        var lines = new List<string>();
        bool isKilled = false;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(lifetime.Token) is { } line)
            {
                lines.Add(line);
                if (life is { } rest && !fromStart && line.StartsWith("running", StringComparison.Ordinal))
                {
                    lifetime.CancelAfter(rest);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            isKilled = true;
        }
        finally
        {
            if (!process.HasExited && (isKilled || cancellation.IsCancellationRequested))
            {
                // On Unix this is SIGKILL.
                process.Kill();
            }
        }

        await process.WaitForExitAsync(cancellation);
        string? done = lines.FirstOrDefault(line => line.StartsWith("done: ", StringComparison.Ordinal));
        Assert.True(isKilled || done is not null, $"the training ended with {process.ExitCode}: {string.Join(' ', lines)} {await errors}");
        return isKilled ? null : done!["done: ".Length..];
    }
}
