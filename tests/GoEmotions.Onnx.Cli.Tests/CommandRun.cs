namespace GoEmotions.Onnx.Cli.Tests;

/// <summary>One run of the command line inside the test's process.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static async Task<CommandRun> Of(params string[] arguments) => await WithInput("", arguments);

    public static async Task<CommandRun> WithInput(string input, params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var console = new CliConsole { Input = new StringReader(input), Output = output, Error = error };
        int exitCode = await GoEmotionsCommand.RunAsync(arguments, console);
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Asserts that the run failed as bad input should: exit code 1, one line on the error stream, nothing on the output.</summary>
    public string FailsWithOneLine()
    {
        Assert.Equal((1, ""), (ExitCode, Output));
        Assert.StartsWith("error: ", Error);
        string line = Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("   at ", line);
        return line["error: ".Length..];
    }
}
