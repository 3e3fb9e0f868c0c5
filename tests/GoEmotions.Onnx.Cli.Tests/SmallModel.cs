namespace GoEmotions.Onnx.Cli.Tests;

/// <summary>A tiny random model with a vocabulary of the embedded sample, made once by the commands themselves.</summary>
public sealed class SmallModel : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>60 texts with one of two labels, as JSON Lines.</summary>
    public static string LabelledTexts { get; } = string.Concat(Enumerable.Range(0, 60).Select(index =>
        $$"""{"text": "this is text number {{index}} and it is {{(index % 3 == 0 ? "good" : "bad")}}", "labels": ["{{(index % 3 == 0 ? "joy" : "anger")}}"]}""" + "\n"));

    public string Directory => _folder["model"];

    public string this[string file] => Path.Combine(Directory, file);

    public async ValueTask InitializeAsync()
    {
        CommandRun vocabulary = await CommandRun.Of("vocab", "--size", "800", "--out", _folder["vocab.txt"]);
        Assert.Equal(0, vocabulary.ExitCode);
        CommandRun init = await CommandRun.Of("init", "--size", "tiny", "--vocab", _folder["vocab.txt"], "--seed", "7", "--onnx", "--out", Directory);
        Assert.True(init.ExitCode == 0, init.Error);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
