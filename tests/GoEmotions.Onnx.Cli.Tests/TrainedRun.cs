namespace GoEmotions.Onnx.Cli.Tests;

/// <summary>A run of 'goemotions train' on some sentences of two labels, made once by the commands themselves.</summary>
public sealed class TrainedRun : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string Root => _folder.Root;

    /// <summary>The path of <c>data</c>, <c>base</c> or <c>run</c>, or of a file in one of them.</summary>
    public string this[string path] => _folder[path];

    public async ValueTask InitializeAsync()
    {
        string[] rows = [.. Enumerable.Range(0, 200).Select(index => $$"""{"text": "this is text number {{index}} and it is {{(index % 3 == 0 ? "good" : "bad")}}", "labels": ["{{(index % 3 == 0 ? "joy" : "anger")}}"]}""")];
        string all = _folder.Write("all.jsonl", string.Join('\n', rows) + "\n");
        _folder.Write("labels.txt", "anger\njoy\n");
        await Run("data", "--input", all, "--out", _folder["data"]);
        await Run("vocab", "--input", all, "--size", "120", "--out", _folder["vocab.txt"]);
        await Run("init", "--size", "tiny", "--vocab", _folder["vocab.txt"], "--labels", _folder["labels.txt"], "--out", _folder["base"]);
        await Run("train", "--data", _folder["data"], "--base", _folder["base"], "--epochs", "6", "--batch-size", "8", "--learning-rate", "1e-3", "--out", _folder["run"]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task Run(params string[] arguments)
    {
        CommandRun run = await CommandRun.Of(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
    }
}
