using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GoEmotions.Onnx.Cli.Tests;

/// <summary>The way through ONNX Runtime's own training: artifacts, inspect, train elsewhere, import.</summary>
public sealed partial class ArtifactsCommandTests(SmallModel model) : IClassFixture<SmallModel>
{
    private static readonly string[] Files = ["checkpoint", "eval_model.onnx", "optimizer_model.onnx", "training_model.onnx"];

    [Fact]
    public async Task Artifacts_ImportedUntrained_GiveTheSameWeights()
    {
        using var folder = new TemporaryFolder();
        CommandRun run = await CommandRun.Of("artifacts", "--base", model.Directory, "--out", folder["artifacts"], "--dropout", "0", "--freeze", "embeddings,encoder.0", "--clip", "1", "--adam-mode", "huggingface", "--learning-rate-scale", "0.05");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Files, Directory.EnumerateFiles(folder["artifacts"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("trained and", run.Error);
        run = await CommandRun.Of("import-checkpoint", "--checkpoint", folder["artifacts/checkpoint"], "--base", model.Directory, "--out", folder["model"]);
        Assert.True(run.ExitCode == 0, run.Error);
        foreach (string file in new[] { "config.json", "model.safetensors", "onnx/model.onnx", "vocab.txt", "tokenizer.json" })
        {
            Assert.Equal(File.ReadAllBytes(model[file]), File.ReadAllBytes(folder["model/" + file]));
        }
    }

    [Fact]
    public async Task Inspect_Checkpoint_ShowsVersionParametersAndState()
    {
        using var folder = new TemporaryFolder();
        await CommandRun.Of("artifacts", "--base", model.Directory, "--out", folder["artifacts"], "--freeze", "embeddings", "--checkpoint-version", "1");
        CommandRun run = await CommandRun.Of("inspect", "--json", folder["artifacts/checkpoint"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement checkpoint = Assert.Single(json.RootElement.GetProperty("parts").EnumerateArray()).GetProperty("checkpoint");
        Assert.Equal(1, checkpoint.GetProperty("version").GetInt32());
        Assert.Equal(5, checkpoint.GetProperty("frozen").GetArrayLength());
        Assert.Equal("bert.embeddings.word_embeddings.weight", checkpoint.GetProperty("frozen")[0].GetString());
        Assert.False(checkpoint.TryGetProperty("optimizer", out _));
        CommandRun table = await CommandRun.Of("inspect", folder["artifacts/checkpoint"]);
        Assert.Contains("version 1,", table.Output);
        Assert.Contains("none: no step was taken", table.Output);
        Assert.Contains("InPlaceAccumulatorV2", (await CommandRun.Of("inspect", folder["artifacts/training_model.onnx"])).Output);
    }

    [Theory]
    [InlineData("artifacts", "--base", "X", "--out", "Y", "--adam-mode", "adam")]
    [InlineData("artifacts", "--base", "X", "--out", "Y", "--checkpoint-version", "3")]
    [InlineData("artifacts", "--base", "X")]
    [InlineData("import-checkpoint", "--base", "X", "--out", "Y")]
    public async Task Command_WrongArguments_ExitsWithTwo(params string[] arguments)
    {
        CommandRun run = await CommandRun.Of(arguments);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
    }

    [Fact]
    public async Task Command_BadInput_IsOneLineAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("Dropout is 1.5", await Fails("artifacts", "--dropout", "1.5"));
        Assert.Contains("'encoder.x' is no part of a classifier", await Fails("artifacts", "--freeze", "encoder.x"));
        Assert.Contains("names encoder layer 7", await Fails("artifacts", "--freeze", "encoder.7"));
        Assert.Contains("file_identifier", await Fails("import-checkpoint", "--checkpoint", folder.Write("text", "no checkpoint at all")));
        Assert.Contains("does not exist", await Fails("import-checkpoint", "--checkpoint", folder["none"]));

        CommandRun other = await CommandRun.Of("init", "--size", "mini", "--vocab", model["vocab.txt"], "--out", folder["mini"]);
        Assert.Equal(0, other.ExitCode);
        Assert.Equal(0, (await CommandRun.Of("artifacts", "--base", folder["mini"], "--out", folder["artifacts"])).ExitCode);
        Assert.Contains("word_embeddings.weight' has dims [", await Fails("import-checkpoint", "--checkpoint", folder["artifacts/checkpoint"]));
        Assert.Contains("has 4 bytes, expected ", await Fails("import-checkpoint", "--checkpoint", folder["artifacts/checkpoint"], "--parameters", folder.Write("values", [1, 2, 3, 4])));
        Assert.Contains("--force", (await CommandRun.Of("artifacts", "--base", model.Directory, "--out", folder["artifacts"])).FailsWithOneLine());
        Assert.Equal(0, (await CommandRun.Of("artifacts", "--base", model.Directory, "--out", folder["artifacts"], "--force")).ExitCode);

        byte[] cut = File.ReadAllBytes(folder["artifacts/checkpoint"])[..^10];
        Assert.Contains("cut off", (await CommandRun.Of("inspect", folder.Write("checkpoint", cut))).FailsWithOneLine());

        async Task<string> Fails(string command, params string[] arguments)
        {
            string line = (await CommandRun.Of([command, "--base", model.Directory, "--out", folder["out"], .. arguments])).FailsWithOneLine();
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root, "*out*"));
            return line;
        }
    }

    // The program of docs/training-artifacts.md.
    [Fact]
    public async Task Artifacts_TrainedByTheDocumentedProgram_PredictTheLabelsThatTheyWereTaught()
    {
        NodeProgram.Training.Require();
        using var folder = new TemporaryFolder();
        (string Text, int Label)[] taught = [.. Enumerable.Range(0, 96).Select(number => number % 2 == 0 ? ($"thank you so much, number {number}", 15) : ($"i hate this, it makes me mad, number {number}", 2))];
        using var lines = new StringWriter();
        foreach ((string text, int label) in taught)
        {
            CommandRun tokens = await CommandRun.Of("tokenize", "--model", model.Directory, "--json", text);
            using JsonDocument json = JsonDocument.Parse(tokens.Output);
            lines.WriteLine($"{{\"ids\": {json.RootElement.GetProperty("ids").GetRawText()}, \"labels\": [{label}]}}");
        }

        Assert.Equal(0, (await CommandRun.Of("artifacts", "--base", model.Directory, "--out", folder["artifacts"], "--dropout", "0")).ExitCode);
        string output = NodeProgram.Training.Run("example.mjs", folder["artifacts"], folder.Write("examples.jsonl", lines.ToString().ReplaceLineEndings("\n")), folder["parameters.bin"]);
        double[] losses = [.. LossLine().Matches(output).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Equal(3, losses.Length);
        Assert.True(losses[2] < 0.7 * losses[0], output);

        CommandRun import = await CommandRun.Of("import-checkpoint", "--checkpoint", folder["artifacts/checkpoint"], "--parameters", folder["parameters.bin"], "--base", model.Directory, "--out", folder["model"]);
        Assert.True(import.ExitCode == 0, import.Error);
        // So few steps do not tell the texts apart yet, but all 26 other labels are as rare as they were in the examples.
        CommandRun prediction = await CommandRun.Of("predict", "--model", folder["model"], "--json", "--top", "2", taught[0].Text);
        Assert.True(prediction.ExitCode == 0, prediction.Error);
        using JsonDocument scores = JsonDocument.Parse(prediction.Output);
        Assert.Equal(["anger", "gratitude"], scores.RootElement.GetProperty("scores").EnumerateObject().Select(score => score.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("example.mjs")]
    [InlineData("ort-training-module.mjs")]
    public void Documentation_Programs_AreThoseThatTheTestsRun(string script)
    {
        string document = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "training-artifacts.md")).ReplaceLineEndings("\n");
        string program = File.ReadAllText(NodeProgram.Training.PathOf(script)).ReplaceLineEndings("\n");
        Assert.Contains($"```js\n{program}```\n", document);
    }

    [GeneratedRegex("loss ([0-9.]+)")]
    private static partial Regex LossLine();
}
