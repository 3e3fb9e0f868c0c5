using System.Diagnostics;

namespace GoEmotions.Onnx.Cli.Tests;

/// <summary>From a run to a directory that others load, and what bad input gets on the way.</summary>
public sealed class ExportCommandTests : IClassFixture<TrainedRun>, IDisposable
{
    private static readonly string[] Graphs = ["model.onnx", "model_fp16.onnx", "model_quantized.onnx", "serving.onnx", "serving_fp16.onnx", "serving_int8.onnx"];

    private readonly TrainedRun _run;
    private readonly TemporaryFolder _folder = new();

    public ExportCommandTests(TrainedRun run) => _run = run;

    private string Destination => _folder["exported"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--variants", "fp64")]
    [InlineData("--variants", "int8,int8")]
    [InlineData("--graphs", "some")]
    [InlineData("--weights", "f64")]
    public async Task Export_WrongOption_ExitsWithTwo(params string[] options)
    {
        CommandRun run = await Export(options);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(options[0], run.Error);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(Destination));
    }

    [Fact]
    public async Task Export_RunFolder_WritesEverythingWithTheCardOfTheRun()
    {
        CommandRun run = await Export("--evaluate", _run["data"], "--license", "mit");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Graphs, Directory.GetFiles(Path.Combine(Destination, "onnx")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("serving_int8.onnx: passed: macro F1", run.Error);
        Assert.Contains("model_quantized.onnx: passed: macro F1", run.Error);
        Assert.Contains("onnx/model_quantized.onnx", run.Output);
        string card = File.ReadAllText(Path.Combine(Destination, "README.md"));
        Assert.Contains("goemotions train --data data --base base --epochs 6", card);
        Assert.Contains("| dev | ", card);
        Assert.DoesNotContain(_run.Root, card);

        // The model directory inside the run gives the same: its record lies around it.
        CommandRun again = await CommandRun.Of("export", "--model", _run["run/model"], "--out", _folder["again"], "--evaluate", _run["data"], "--license", "mit");
        Assert.True(again.ExitCode == 0, again.Error);
        foreach (string file in Directory.GetFiles(Destination, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder["again"], Path.GetRelativePath(Destination, file))));
        }
    }

    [Fact]
    public async Task Export_WhatTheDefaultModelHolds_PredictsAndTrainsOn()
    {
        CommandRun run = await Export("--variants", "int8", "--graphs", "serving", "--weights", "f16", "--data", _run["data"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(["serving_int8.onnx"], Directory.GetFiles(Path.Combine(Destination, "onnx")).Select(Path.GetFileName));
        Assert.Equal(0, (await CommandRun.Of("predict", "--model", Destination, "this is good")).ExitCode);
        CommandRun training = await CommandRun.Of("train", "--data", _run["data"], "--base", Destination, "--max-steps", "2", "--out", _folder["more"]);
        Assert.True(training.ExitCode == 0, training.Error);
    }

    [Fact]
    public async Task Export_ExistingDestination_IsKeptUnlessForced()
    {
        Assert.Equal(0, (await Export("--variants", "fp32", "--graphs", "serving")).ExitCode);
        byte[] manifest = File.ReadAllBytes(Path.Combine(Destination, "manifest.json"));
        Assert.Contains("--force", (await Export("--variants", "fp32")).FailsWithOneLine());
        Assert.Equal(manifest, File.ReadAllBytes(Path.Combine(Destination, "manifest.json")));
        Assert.Equal(0, (await Export("--variants", "fp32", "--force")).ExitCode);
        Assert.True(File.Exists(Path.Combine(Destination, "onnx", "model.onnx")));
    }

    [Fact]
    public async Task Export_RunWithoutModel_SaysHowToGoOn()
    {
        _folder.Write("run/run.json", "{}");
        string line = (await CommandRun.Of("export", "--model", _folder["run"], "--out", Destination)).FailsWithOneLine();
        Assert.Contains("--resume", line);
    }

    [Theory]
    [InlineData("--run", "none")]
    [InlineData("--evaluate", "none.tsv")]
    [InlineData("--notes", "none.md")]
    [InlineData("--data", "none.tsv")]
    public async Task Export_FileNowhere_IsNamed(string option, string file)
    {
        string line = (await Export(option, _folder[file])).FailsWithOneLine();
        Assert.Contains(_folder[file], line);
        Assert.False(Directory.Exists(Destination));
    }

    [Fact]
    public async Task Export_PickledWeights_AreRefusedWithTheWayOut()
    {
        Directory.CreateDirectory(_folder["model"]);
        foreach (string name in new[] { "config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json" })
        {
            File.Copy(_run[$"run/model/{name}"], _folder[$"model/{name}"]);
        }

        _folder.Write("model/pytorch_model.bin", "PK");
        string line = (await CommandRun.Of("export", "--model", _folder["model"], "--out", Destination, "--variants", "fp32")).FailsWithOneLine();
        Assert.Contains("pytorch_model.bin is a Python pickle, which runs code when it is read", line);
        Assert.Contains("safe_serialization=True", line);
    }

    [Fact]
    public async Task Predict_VariantThatIsNotThere_IsNamedByTheEngine()
    {
        Assert.Equal(0, (await Export("--variants", "fp32", "--graphs", "serving", "--weights", "none")).ExitCode);
        string message = Assert.Throws<FileNotFoundException>(() => EmotionClassifier.Load(Destination, new EmotionClassifierOptions { Variant = ModelVariant.Fp16 })).Message;
        Assert.Contains("serving_fp16.onnx does not exist, expected the variant Fp16 of the model. Export it, or take the variant Auto.", message);
    }

    // A file system in a namespace of its own; the command's own error line is looked at.
    [Theory]
    [InlineData("size=1m", "no space is left there. Free some, or choose another place.")]
    [InlineData("ro", "the file system is read-only. Choose another place.")]
    public async Task Export_FullOrUnwritableDestination_SaysSoAndLeavesNothing(string mountOptions, string expected)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "GoEmotions.Onnx.Cli.dll");
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/unshare"), "needs Linux with unshare");
        string mount = Directory.CreateDirectory(_folder["small"]).FullName;
        string script = $"mount -t tmpfs -o {mountOptions} none '{mount}' || exit 77; dotnet '{program}' export --model '{_run["run"]}' --out '{mount}/exported' --variants fp32; code=$?; ls -A '{mount}'; exit $code";
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["-rm", "sh", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(process.ExitCode == 77 || (await error).StartsWith("unshare", StringComparison.Ordinal), "needs a user namespace that may mount");
        Assert.Equal((1, ""), (process.ExitCode, output));
        Assert.Matches($"^error: .*exported.*: {expected}\n$", await error);
    }

    private Task<CommandRun> Export(params string[] options) => CommandRun.Of(["export", "--model", _run["run"], "--out", Destination, .. options]);
}
