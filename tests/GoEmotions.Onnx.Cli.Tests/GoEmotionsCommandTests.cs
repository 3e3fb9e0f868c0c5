using System.Diagnostics;
using System.Text.Json;

namespace GoEmotions.Onnx.Cli.Tests;

/// <summary>The way a newcomer goes: vocabulary, checkpoint, inspect, tokenize, predict.</summary>
public sealed class GoEmotionsCommandTests : IClassFixture<SmallModel>
{
    private readonly SmallModel _model;

    public GoEmotionsCommandTests(SmallModel model) => _model = model;

    [Fact]
    public async Task Init_SameSeed_GivesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        CommandRun run = await CommandRun.Of("init", "--size", "tiny", "--vocab", _model["vocab.txt"], "--seed", "7", "--onnx", "--out", folder["model"]);
        Assert.Equal(0, run.ExitCode);
        foreach (string file in Directory.EnumerateFiles(_model.Directory, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(folder["model"], Path.GetRelativePath(_model.Directory, file))));
        }
    }

    [Fact]
    public void Init_TheDirectory_HasTheHuggingFaceLayout()
    {
        IEnumerable<string> files = Directory.EnumerateFiles(_model.Directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_model.Directory, file).Replace('\\', '/'));
        Assert.Equal(
            ["config.json", "model.safetensors", "onnx/model.onnx", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"],
            files.Order(StringComparer.Ordinal));
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(_model["config.json"]));
        Assert.Equal("BertForSequenceClassification", config.RootElement.GetProperty("architectures")[0].GetString());
        Assert.Equal("multi_label_classification", config.RootElement.GetProperty("problem_type").GetString());
        Assert.Equal("joy", config.RootElement.GetProperty("id2label").GetProperty("17").GetString());
        Assert.Equal(17, config.RootElement.GetProperty("label2id").GetProperty("joy").GetInt32());
    }

    [Theory]
    [InlineData("tiny", "bert", 2, 128, 2)]
    [InlineData("mini", "bert", 4, 256, 4)]
    [InlineData("tiny", "distilbert", 2, 128, 2)]
    public async Task Init_SizeAndArchitecture_AreWhatInspectShows(string size, string architecture, int layers, int hidden, int heads)
    {
        using var folder = new TemporaryFolder();
        string labels = folder.Write("labels.txt", "good\nbad\n");
        CommandRun run = await CommandRun.Of("init", "--size", size, "--architecture", architecture, "--vocab", _model["vocab.txt"], "--labels", labels, "--out", folder["model"]);
        Assert.Equal(0, run.ExitCode);
        CommandRun inspection = await CommandRun.Of("inspect", "--json", folder["model"]);
        Assert.Equal((0, ""), (inspection.ExitCode, inspection.Error));
        using JsonDocument json = JsonDocument.Parse(inspection.Output);
        JsonElement part = Assert.Single(json.RootElement.GetProperty("parts").EnumerateArray());
        Assert.Equal(architecture, part.GetProperty("model_type").GetString());
        Assert.Equal((layers, hidden, heads, 4 * hidden), (Int("layers"), Int("hidden_size"), Int("heads"), Int("intermediate_size")));
        Assert.Equal(["good", "bad"], part.GetProperty("labels").EnumerateArray().Select(label => label.GetString()));

        int Int(string name) => part.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Inspect_OnnxFile_ShowsInputsOutputsAndOperators()
    {
        CommandRun run = await CommandRun.Of("inspect", "--json", _model["onnx/model.onnx"]);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement part = json.RootElement.GetProperty("parts")[0];
        Assert.Equal(["input_ids", "attention_mask", "token_type_ids"], part.GetProperty("inputs").EnumerateObject().Select(input => input.Name));
        Assert.Equal("float[batch, 28]", part.GetProperty("outputs").GetProperty("logits").GetString());
        Assert.Equal(14, part.GetProperty("operators").GetProperty("Gemm").GetInt64());
    }

    [Fact]
    public async Task Tokenize_Json_HasPiecesIdsAndOffsetsIntoTheText()
    {
        const string Text = "I'm SO happy, [SEP] Café!";
        CommandRun run = await CommandRun.Of("tokenize", "--model", _model.Directory, "--json", Text);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using JsonDocument json = JsonDocument.Parse(Assert.Single(run.Output.TrimEnd('\n').Split('\n')));
        Assert.Equal(Text, json.RootElement.GetProperty("text").GetString());
        string[] tokens = [.. json.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
        int[][] offsets = [.. json.RootElement.GetProperty("offsets").EnumerateArray().Select(pair => pair.EnumerateArray().Select(end => end.GetInt32()).ToArray())];
        Assert.Equal(tokens.Length, json.RootElement.GetProperty("ids").GetArrayLength());
        Assert.Equal(("[CLS]", "[SEP]"), (tokens[0], tokens[^1]));
        Assert.Equal("I", Text[offsets[1][0]..offsets[1][1]]);
        Assert.Equal("!", Text[offsets[^2][0]..offsets[^2][1]]);
    }

    [Fact]
    public async Task Tokenize_MaxLength_CutsAndKeepsTheSeparator()
    {
        CommandRun run = await CommandRun.Of("tokenize", "--model", _model["vocab.txt"], "--max-length", "4", "--json", "one two three four five six");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        string?[] tokens = [.. json.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString())];
        Assert.Equal(4, tokens.Length);
        Assert.Equal("[SEP]", tokens[^1]);
    }

    [Fact]
    public async Task Predict_Json_ScoresEveryLabelInOrderOfProbability()
    {
        CommandRun run = await CommandRun.WithInput("Thank you!\n\n@friend lol 😀\n", "predict", "--model", _model.Directory, "--json", "--threshold", "0.5");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        foreach ((string line, string text) in lines.Zip(["Thank you!", "", "@friend lol 😀"]))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            Assert.Equal(text, json.RootElement.GetProperty("text").GetString());
            float[] scores = [.. json.RootElement.GetProperty("scores").EnumerateObject().Select(score => score.Value.GetSingle())];
            Assert.Equal(28, scores.Length);
            Assert.Equal(scores.OrderDescending(), scores);
            Assert.Equal(scores.Count(score => score >= 0.5f), json.RootElement.GetProperty("labels").GetArrayLength());
        }
    }

    [Fact]
    public async Task Predict_WithoutTheOnnxFile_BuildsTheSameGraphFromTheWeights()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in new[] { "config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json" })
        {
            File.Copy(_model[file], folder[file]);
        }

        CommandRun expected = await CommandRun.Of("predict", "--model", _model.Directory, "--json", "one text", "@other");
        CommandRun actual = await CommandRun.Of("predict", "--model", folder.Root, "--json", "one text", "@other");
        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Predict_ServingGraphAlone_RunsIt()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in new[] { "config.json", "vocab.txt", "tokenizer_config.json" })
        {
            File.Copy(_model[file], folder[file]);
        }

        folder.Write("onnx/serving.onnx", File.ReadAllBytes(_model["onnx/model.onnx"]));
        CommandRun expected = await CommandRun.Of("predict", "--model", _model.Directory, "--json", "one text");
        Assert.Equal(expected, await CommandRun.Of("predict", "--model", folder.Root, "--json", "one text"));
    }

    [Theory]
    [InlineData("predict", "scores")]
    [InlineData("tokenize", "ids")]
    public async Task Command_WithoutModel_TakesTheDefaultModel(string command, string member)
    {
        const string Text = "Thank you so much, you made my day!";
        CommandRun run = await CommandRun.Of(command, "--json", Text);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.True(json.RootElement.TryGetProperty(member, out _), run.Output);
        Assert.Equal(run, await CommandRun.Of(command, "--json", "--model", Path.Combine(AppContext.BaseDirectory, "goemotions-default-model"), Text));
    }

    [Fact]
    public async Task Evaluate_WithoutModel_TakesTheDefaultModel()
    {
        using var folder = new TemporaryFolder();
        string data = folder.Write("texts.tsv", "Thank you so much!\t15\tid1\nThe meeting starts at ten.\t27\tid2\n");
        CommandRun run = await CommandRun.Of("evaluate", "--data", data, "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(2, json.RootElement.GetProperty("rows").GetInt32());
    }

    [Fact]
    public void Predict_OutputIsAFileOfOthersToo_WritesBehindWhatIsThere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a POSIX shell");
        using var folder = new TemporaryFolder();
        string predict = $"dotnet '{typeof(GoEmotionsCommand).Assembly.Location}' predict --json";
        using Process shell = Process.Start("sh", ["-c", $"{{ echo before; {predict} one; {predict} two; echo after; }} > '{folder["out"]}'"]);
        shell.WaitForExit();
        string[] lines = File.ReadAllLines(folder["out"]);
        Assert.Equal(["before", "{\"text\":\"one\"", "{\"text\":\"two\"", "after"], lines.Select(line => line.Split(',')[0]));
    }

    [Fact]
    public async Task Predict_Table_ShowsTheTopLabels()
    {
        CommandRun run = await CommandRun.Of("predict", "--model", _model.Directory, "--top", "2", "A [link]text[/] with markup");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("A [link]text[/] with markup", run.Output);
        Assert.Equal(2, run.Output.Split('\n').Count(line => line.Contains("0.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Evaluate_RandomModelOnTheSample_GivesMetricsAndThresholds()
    {
        using var folder = new TemporaryFolder();
        CommandRun data = await CommandRun.Of("data", "--out", folder["data"], "--split", "stratified");
        Assert.Equal(0, data.ExitCode);
        foreach (string file in Directory.EnumerateFiles(_model.Directory))
        {
            Directory.CreateDirectory(folder["model"]);
            File.Copy(file, Path.Combine(folder["model"], Path.GetFileName(file)));
        }

        CommandRun tuned = await CommandRun.Of("thresholds", "--model", folder["model"], "--data", folder["data"]);
        Assert.Equal(0, tuned.ExitCode);
        Assert.True(File.Exists(folder["model/thresholds.json"]));
        CommandRun expected = await CommandRun.Of("thresholds", "--model", folder["model"], "--data", folder["data"], "--method", "expected-f1", "--out", folder["expected.json"]);
        Assert.Equal(0, expected.ExitCode);
        Assert.Contains("calibrated probabilities expect", File.ReadAllText(folder["expected.json"]), StringComparison.Ordinal);
        CommandRun run = await CommandRun.Of("evaluate", "--model", folder["model"], "--data", folder["data/dev.jsonl"], "--json", "--report", folder["report.html"]);
        Assert.Equal(0, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(File.ReadLines(folder["data/dev.jsonl"]).Count(), json.RootElement.GetProperty("rows").GetInt32());
        foreach (string metric in new[] { "loss", "micro_f1", "macro_f1", "weighted_f1", "subset_accuracy", "hamming_loss", "roc_auc_micro" })
        {
            Assert.InRange(json.RootElement.GetProperty(metric).GetDouble(), 0, 1);
        }

        Assert.Equal(28, json.RootElement.GetProperty("per_label").EnumerateObject().Count());
        Assert.Contains("</html>", File.ReadAllText(folder["report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_TheSample_GivesARunFolderWhoseModelPredicts()
    {
        using var folder = new TemporaryFolder();
        CommandRun train = await CommandRun.Of("train", "--base", _model.Directory, "--out", folder["run"], "--epochs", "2", "--learning-rate", "1e-3");
        Assert.True(train.ExitCode == 0, train.Error);
        JsonElement[] lines = [.. File.ReadLines(folder["run/metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];
        double[] losses = [.. lines.Where(line => line.GetProperty("kind").GetString() == "dev").Select(line => line.GetProperty("training_loss").GetDouble())];
        Assert.Equal(2, losses.Length);
        Assert.True(losses[1] < losses[0], string.Join(", ", losses));
        Assert.Contains("Configuration", File.ReadAllText(folder["run/report.html"]), StringComparison.Ordinal);
        CommandRun predict = await CommandRun.Of("predict", "--model", folder["run/model"], "--json", "Thank you!");
        Assert.Equal((0, ""), (predict.ExitCode, predict.Error));
        Assert.Contains("--force", (await CommandRun.Of("train", "--base", _model.Directory, "--out", folder["run"])).FailsWithOneLine());
        Assert.Equal(["run"], Directory.EnumerateFileSystemEntries(folder.Root).Select(Path.GetFileName));
    }
}
