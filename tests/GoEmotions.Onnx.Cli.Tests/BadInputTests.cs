using System.Buffers.Binary;
using System.Text;

namespace GoEmotions.Onnx.Cli.Tests;

/// <summary>Bad input gets one line that names the file, exit code 1, and leaves nothing half-written.</summary>
public sealed class BadInputTests : IClassFixture<SmallModel>
{
    private readonly SmallModel _model;

    public BadInputTests(SmallModel model) => _model = model;

    [Theory]
    [InlineData("predict", "--model", "X", "--top", "0", "text")]
    [InlineData("predict", "--model", "X", "--threshold", "1.5", "text")]
    [InlineData("init", "--size", "huge", "--out", "X")]
    [InlineData("tokenize", "--model", "X", "--max-length", "1", "text")]
    [InlineData("inspect")]
    [InlineData("nonsense")]
    [InlineData("predict", "--model", "X", "--tpo", "3", "text")]
    [InlineData("predict", "--model", "X", "--top", "three", "text")]
    [InlineData("data", "--out", "X", "--dev-fraction", "1.2")]
    public async Task Command_WrongArguments_ExitsWithTwo(params string[] arguments)
    {
        CommandRun run = await CommandRun.Of(arguments);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains("--help", run.Error);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("System.", run.Error);
    }

    [Fact]
    public async Task Predict_TextThatBeginsLikeAnOption_StandsBehindTheDashes()
    {
        CommandRun run = await CommandRun.Of("predict", "--model", _model.Directory, "--json", "--", "--tpo", "-not good");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(2, run.Output.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task Predict_LongTextWithControlCharacters_IsShownShortAndHarmless()
    {
        string text = "\u001b[31m" + string.Concat(Enumerable.Repeat("word ", 2000));
        CommandRun run = await CommandRun.Of("predict", "--model", _model.Directory, "--top", "1", text);
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.True(run.Output.Length < 3000, $"{run.Output.Length} characters");
        Assert.Equal("1 of the texts is longer than 512 tokens; what lies behind was not looked at\n", run.Error);
    }

    [Fact]
    public async Task Thresholds_ExistingFile_IsKept()
    {
        using TemporaryFolder folder = Copy("config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json");
        folder.Write("thresholds.json", "mine");
        string data = folder.Write("data.jsonl", """{"text": "a", "labels": ["joy"]}""" + "\n");
        Assert.Contains("--force", (await CommandRun.Of("thresholds", "--model", folder.Root, "--data", data)).FailsWithOneLine());
        Assert.Equal("mine", File.ReadAllText(folder["thresholds.json"]));
    }

    [Fact]
    public async Task Vocab_FileWithoutWords_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string empty = folder.Write("empty.txt", "\n");
        Assert.Contains(empty, (await CommandRun.Of("vocab", "--input", empty, "--out", folder["vocab.txt"])).FailsWithOneLine());
        Assert.False(File.Exists(folder["vocab.txt"]));
    }

    [Theory]
    [InlineData("predict", "does not exist")]
    [InlineData("tokenize", "found neither")]
    public async Task Command_ModelNowhere_SaysSo(string command, string found)
    {
        using var folder = new TemporaryFolder();
        string line = (await CommandRun.Of(command, "--model", folder["none"], "text")).FailsWithOneLine();
        Assert.Contains(folder["none"], line);
        Assert.Contains(found, line);
    }

    [Fact]
    public async Task Inspect_FileNowhere_SaysSo()
    {
        using var folder = new TemporaryFolder();
        Assert.StartsWith($"{folder["none"]} does not exist", (await CommandRun.Of("inspect", folder["none"])).FailsWithOneLine());
    }

    [Theory]
    [InlineData("config.json", "")]
    [InlineData("config.json", "[1]")]
    [InlineData("config.json", """{"model_type": "bert", "hidden""")]
    [InlineData("config.json", """{"model_type": 7}""")]
    [InlineData("vocab.txt", "")]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\n[CLS]\nhello\n")]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nhello\n")]
    [InlineData("tokenizer_config.json", """{"do_lower_case": 3""")]
    [InlineData("model.safetensors", "short")]
    public async Task Predict_BrokenFile_NamesIt(string file, string content)
    {
        using TemporaryFolder folder = Copy("config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json");
        folder.Write(file, content);
        Assert.Contains(file, (await CommandRun.Of("predict", "--model", folder.Root, "text")).FailsWithOneLine());
    }

    [Theory]
    [InlineData("model_type", "\"bert\"", "\"gpt2\"")]
    [InlineData("num_attention_heads", "2", "3")]
    [InlineData("hidden_size", "128", "256")]
    [InlineData("vocab_size", "800", "700")]
    [InlineData("hidden_act", "\"gelu\"", "\"swish\"")]
    public async Task Predict_ConfigThatDoesNotFit_NamesTheFieldOrTensor(string field, string found, string written)
    {
        using TemporaryFolder folder = Copy("config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json");
        string config = File.ReadAllText(folder["config.json"]);
        string changed = config.Replace($"\"{field}\": {found}", $"\"{field}\": {written}", StringComparison.Ordinal);
        Assert.NotEqual(config, changed);
        File.WriteAllText(folder["config.json"], changed);
        string line = (await CommandRun.Of("predict", "--model", folder.Root, "text")).FailsWithOneLine();
        Assert.Contains(folder.Root, line);
    }

    [Fact]
    public async Task Predict_MoreLabelsThanTheHeadHasRows_SaysBoth()
    {
        using TemporaryFolder folder = Copy("config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json");
        string config = File.ReadAllText(folder["config.json"])
            .Replace("\"27\": \"neutral\"", "\"27\": \"neutral\", \"28\": \"boredom\"", StringComparison.Ordinal)
            .Replace("\"neutral\": 27", "\"neutral\": 27, \"boredom\": 28", StringComparison.Ordinal);
        File.WriteAllText(folder["config.json"], config);
        string line = (await CommandRun.Of("predict", "--model", folder.Root, "text")).FailsWithOneLine();
        Assert.Contains("28", line);
        Assert.Contains("29", line);
    }

    [Fact]
    public async Task Inspect_SafetensorsHeaderThatLies_IsRefusedWithoutReadingIt()
    {
        using var folder = new TemporaryFolder();
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, 100_000_000);
        string file = folder.Write("model.safetensors", bytes.AsSpan());
        Assert.Contains(file, (await CommandRun.Of("inspect", file)).FailsWithOneLine());
        Assert.Contains(file, (await CommandRun.Of("inspect", WithHeader("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,800]}}"""))).FailsWithOneLine());
        Assert.Contains(file, (await CommandRun.Of("inspect", WithHeader("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"""))).FailsWithOneLine());
        Assert.Contains(file, (await CommandRun.Of("inspect", WithHeader("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"""))).FailsWithOneLine());

        string WithHeader(string header)
        {
            byte[] json = Encoding.UTF8.GetBytes(header);
            var content = new byte[8 + json.Length + 12];
            BinaryPrimitives.WriteUInt64LittleEndian(content, (ulong)json.Length);
            json.CopyTo(content, 8);
            return folder.Write("model.safetensors", content.AsSpan());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public async Task Command_OnnxFileCutInTheMiddle_IsRefused(int length)
    {
        using TemporaryFolder folder = Copy("config.json", "vocab.txt", "tokenizer_config.json");
        byte[] model = File.ReadAllBytes(_model["onnx/model.onnx"]);
        string file = folder.Write("onnx/model.onnx", model.AsSpan(0, length));
        Assert.Contains("model.onnx", (await CommandRun.Of("inspect", file)).FailsWithOneLine());
        Assert.Contains("model.onnx", (await CommandRun.Of("predict", "--model", folder.Root, "text")).FailsWithOneLine());
    }

    [Fact]
    public async Task Inspect_TextFile_IsNoModel()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("model.onnx", "this is not a model");
        Assert.Contains(file, (await CommandRun.Of("inspect", file)).FailsWithOneLine());
    }

    [Fact]
    public async Task Init_ExistingDirectory_IsKept()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/notes.txt", "mine");
        Assert.Contains("--force", (await Init(folder)).FailsWithOneLine());
        Assert.Contains("notes.txt", (await Init(folder, "--force")).FailsWithOneLine());
        Assert.Equal("mine", File.ReadAllText(folder["model/notes.txt"]));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Init_BadLabels_LeavesNoDirectory()
    {
        using var folder = new TemporaryFolder();
        string labels = folder.Write("labels.txt", "joy\njoy\n");
        Assert.Contains(labels, (await Init(folder, "--labels", labels)).FailsWithOneLine());
        Assert.Equal([labels], Directory.EnumerateFileSystemEntries(folder.Root));
    }

    private Task<CommandRun> Init(TemporaryFolder folder, params string[] more) =>
        CommandRun.Of(["init", "--size", "tiny", "--vocab", _model["vocab.txt"], "--out", folder["model"], .. more]);

    private TemporaryFolder Copy(params string[] files)
    {
        var folder = new TemporaryFolder();
        foreach (string file in files)
        {
            folder.Write(file, File.ReadAllBytes(_model[file]).AsSpan());
        }

        return folder;
    }
}
