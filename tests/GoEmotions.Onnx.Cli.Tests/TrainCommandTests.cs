using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GoEmotions.Onnx.Cli.Tests;

/// <summary>The run folder, what may go wrong with it, and going on with it.</summary>
public sealed partial class TrainCommandTests : IClassFixture<SmallModel>, IDisposable
{
    private const int InterruptSignal = 2;
    private const int TerminationSignal = 15;

    private readonly SmallModel _model;
    private readonly TemporaryFolder _folder = new();

    public TrainCommandTests(SmallModel model)
    {
        _model = model;
        _folder.Write("data.jsonl", SmallModel.LabelledTexts);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--preset", "nonsense")]
    [InlineData("--freeze", "embeddings,encoder.x")]
    [InlineData("--schedule", "wavy")]
    [InlineData("--pos-weight", "-1")]
    [InlineData("--device", "gpu")]
    [InlineData("--focal", "0.5")]
    [InlineData("--warmup", "1")]
    [InlineData("--dropout", "1")]
    [InlineData("--learning-rate", "0")]
    [InlineData("--threshold-data", "test")]
    [InlineData("--best-metric", "accuracy")]
    [InlineData("--resume", "--force")]
    public async Task Train_WrongOption_ExitsWithTwoAndNoFolder(params string[] options)
    {
        CommandRun run = await Train(options);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(options[0], run.Error);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task Train_WithoutBase_SaysSo()
    {
        CommandRun run = await CommandRun.Of("train", "--out", _folder["run"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--base", run.Error);
    }

    [Fact]
    public async Task Train_LayerThatIsNotThere_IsRefusedBeforeTheFolderIsMade()
    {
        CommandRun run = await Train("--freeze", "encoder.0-7");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("layer 7", run.Error);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task Train_ExistingRun_IsKeptUnlessForced()
    {
        Assert.Equal(0, (await Train()).ExitCode);
        byte[] model = Model("run");
        CommandRun again = await Train("--epochs", "1");
        Assert.Contains("--resume", again.FailsWithOneLine());
        Assert.Equal(model, Model("run"));
        Assert.Equal(0, (await Train("--force")).ExitCode);
        Assert.Equal(model, Model("run"));
        File.WriteAllText(_folder["run/notes.txt"], "mine");
        Assert.Contains("notes.txt", (await Train("--force")).FailsWithOneLine());
        Assert.Equal(model, Model("run"));
    }

    [Fact]
    public async Task Train_ResumeWithoutARun_SaysSo()
    {
        Assert.Contains("run.json", (await CommandRun.Of("train", "--out", _folder["run"], "--resume")).FailsWithOneLine());
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task Train_ResumeWithoutACheckpoint_SaysSo()
    {
        Assert.Equal(0, (await Train()).ExitCode);
        foreach (string file in Directory.GetFiles(_folder["run/checkpoints"], "*.safetensors"))
        {
            File.Delete(file);
        }

        CommandRun run = await CommandRun.Of("train", "--out", _folder["run"], "--resume");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("holds no checkpoint", run.Error);
        Assert.True(File.Exists(_folder["run/model/model.safetensors"]));
    }

    [Fact]
    public async Task Train_ResumeWithOtherOptions_NamesThem()
    {
        Assert.Equal(0, (await Train()).ExitCode);
        Assert.Contains("--batch-size is 5", (await CommandRun.Of("train", "--out", _folder["run"], "--resume", "--batch-size", "5")).FailsWithOneLine());
        CommandRun same = await Train("--resume");
        Assert.True(same.ExitCode == 0, same.Error);
    }

    [Fact]
    public async Task Train_NotebookPreset_IsInTheRunAndKeepsThresholdsOfAHalf()
    {
        CommandRun run = await Train("--preset", "notebook", "--sample", "40", "--epochs", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(_folder["run/run.json"]));
        JsonElement settings = json.RootElement.GetProperty("settings");
        Assert.Equal(("notebook", "8", "2E-05", "0", "MicroF1"), (Setting("preset"), Setting("batch size"), Setting("learning rate"), Setting("warm-up, part of the steps"), Setting("best by")));
        Assert.Equal("32 for training, 8 for development", Setting("texts"));
        using JsonDocument thresholds = JsonDocument.Parse(File.ReadAllBytes(_folder["run/model/thresholds.json"]));
        Assert.DoesNotContain("0.4", thresholds.RootElement.ToString(), StringComparison.Ordinal);

        string Setting(string name) => settings.GetProperty(name).GetString()!;
    }

    [Fact]
    public async Task Train_HeldOutThresholds_AreTunedOnOtherTexts()
    {
        CommandRun run = await Train("--threshold-data", "held-out");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("held-out", File.ReadAllText(_folder["run/model/thresholds.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_Interrupted_GoesOnToTheSameModel()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends SIGINT to another process, which Windows does not have");
        string[] options = ["--data", _folder["data.jsonl"], "--base", _model.Directory, "--max-length", "32", "--batch-size", "4", "--epochs", "150", "--evaluation-steps", "250", "--threads", "1"];
        Assert.Equal(0, (await CommandRun.Of(["train", .. options, "--out", _folder["whole"]])).ExitCode);

        using Process child = Process.Start(new ProcessStartInfo("dotnet", [typeof(GoEmotionsCommand).Assembly.Location, "train", .. options, "--out", _folder["run"]]) { RedirectStandardError = true })!;
        Task<string> error = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        // On a thread of its own: where many tests run at once, a continuation may wait for longer than the child trains.
        int sent = await Task.Factory.StartNew(
            () =>
            {
                while (!child.HasExited && !(File.Exists(_folder["run/metrics.jsonl"]) && new FileInfo(_folder["run/metrics.jsonl"]).Length > 500))
                {
                    Thread.Sleep(10);
                }

                return Kill(child.Id, IsInterruptIgnored() ? TerminationSignal : InterruptSignal);
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.Equal(0, sent);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        string message = await error;
        Assert.True(child.ExitCode == 130, message);
        Assert.Contains($"train --out {_folder["run"]} --resume", message);
        Assert.False(Directory.Exists(_folder["run/model"]));

        CommandRun resumed = await CommandRun.Of("train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("going on from", resumed.Error);
        Assert.Equal(Model("whole"), Model("run"));
        int[] steps = [.. File.ReadLines(_folder["run/metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.GetProperty("kind").GetString() == "train").Select(line => line.GetProperty("step").GetInt32())];
        Assert.Equal(steps.Distinct().Order(), steps);
        Assert.Equal(2, Directory.GetFiles(_folder["run"], "events.out.tfevents.*").Length);
    }

    private Task<CommandRun> Train(params string[] options) =>
        CommandRun.Of(["train", "--data", _folder["data.jsonl"], "--base", _model.Directory, "--out", _folder["run"], .. options.Contains("--epochs") ? options : [.. options, "--epochs", "2"]]);

    private byte[] Model(string run) => File.ReadAllBytes(_folder[$"{run}/model/model.safetensors"]);

    // What a shell without job control starts in the background ignores SIGINT, and so do its children; SIGTERM goes the same way.
    private static bool IsInterruptIgnored()
    {
        const string Key = "SigIgn:";
        string? line = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").FirstOrDefault(text => text.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line is not null && (Convert.ToUInt64(line[Key.Length..].Trim(), 16) & (1UL << (InterruptSignal - 1))) != 0;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
