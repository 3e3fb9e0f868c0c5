using System.Text.Json;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Cli.Tests;

public sealed class PretrainCommandTests(SmallModel model) : IClassFixture<SmallModel>
{
    [Fact]
    public async Task Pretrain_EmbeddedSample_WritesACheckpointWithAnotherEncoderAndTheSameHead()
    {
        using var folder = new TemporaryFolder();
        CommandRun run = await Pretrain(folder["first"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        Assert.Matches(@"epoch 1: loss [4-7]\.[0-9]{3} nats per hidden token", run.Error);
        Assert.Equal(
            ["config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"],
            Directory.EnumerateFiles(folder["first"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        ParameterSet before = CheckpointDirectory.Load(model.Directory).Parameters;
        ParameterSet after = CheckpointDirectory.Load(folder["first"]).Parameters;
        Assert.True(before["classifier.weight"].Values.Span.SequenceEqual(after["classifier.weight"].Values.Span));
        Assert.False(before["bert.embeddings.word_embeddings.weight"].Values.Span.SequenceEqual(after["bert.embeddings.word_embeddings.weight"].Values.Span));
        Assert.Equal(0, (await Pretrain(folder["second"])).ExitCode);
        Assert.Equal(File.ReadAllBytes(folder["first/model.safetensors"]), File.ReadAllBytes(folder["second/model.safetensors"]));
        Assert.Contains("--force", (await Pretrain(folder["first"])).FailsWithOneLine());
    }

    [Fact]
    public async Task Pretrain_TextFile_IsReadLineByLine()
    {
        using var folder = new TemporaryFolder();
        string texts = folder.Write("texts.txt", "what a lovely day\n\nthank you so much\n");
        CommandRun run = await Pretrain(folder["out"], "--data", texts);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("3 texts, 0 cut at 64 tokens, 1 without a word of the vocabulary left aside", run.Error);
    }

    [Theory]
    [InlineData("MaskingProbability is 1.5, expected a number in (0, 1).", "--masking-probability", "1.5")]
    [InlineData("MaxLength is 600 tokens, the checkpoint takes at most 512", "--max-length", "600")]
    [InlineData("LearningRate is -1, expected a number above 0.", "--learning-rate", "-1")]
    [InlineData("nowhere.txt does not exist", "--data", "nowhere.txt")]
    public async Task Pretrain_WrongArgument_SaysSoAndLeavesNothing(string expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(expected, (await Pretrain(folder["out"], arguments)).FailsWithOneLine());
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Init_SizeAndInitializerRange_AreInTheConfiguration()
    {
        using var folder = new TemporaryFolder();
        CommandRun run = await CommandRun.Of("init", "--size", "1x96x3", "--vocab", model["vocab.txt"], "--initializer-range", "0.03", "--out", folder["model"]);
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(folder["model/config.json"]));
        Assert.Equal((1, 96, 3), (config.RootElement.GetProperty("num_hidden_layers").GetInt32(), config.RootElement.GetProperty("hidden_size").GetInt32(), config.RootElement.GetProperty("num_attention_heads").GetInt32()));
        Assert.Equal(0.03, config.RootElement.GetProperty("initializer_range").GetDouble());
        CommandRun wrong = await CommandRun.Of("init", "--size", "2x100x3", "--out", folder["other"]);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("cannot be divided among 3 heads", wrong.Error);
        Assert.Contains("initializer_range is 0, expected a positive number", (await CommandRun.Of("init", "--size", "tiny", "--vocab", model["vocab.txt"], "--initializer-range", "0", "--out", folder["other"])).FailsWithOneLine());
    }

    private Task<CommandRun> Pretrain(string output, params string[] more) =>
        CommandRun.Of(["pretrain", "--base", model.Directory, "--out", output, "--max-steps", "4", .. more]);
}
