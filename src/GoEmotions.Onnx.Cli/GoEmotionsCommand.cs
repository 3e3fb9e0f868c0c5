using System.CommandLine;
using System.CommandLine.Parsing;
using GoEmotions.Onnx.Cli.Commands;

namespace GoEmotions.Onnx.Cli;

/// <summary>The command <c>goemotions</c>: parses the arguments, runs a subcommand, and turns failures into one line and an exit code.</summary>
internal static class GoEmotionsCommand
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int Interrupted = 130;
    private const int ReaderGone = 141;

    /// <summary>How long a training may take after Ctrl-C to end its step and write a checkpoint, before the process is ended all the same.</summary>
    private static readonly TimeSpan CheckpointTimeout = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliConsole console)
    {
        var stackTrace = new Option<bool>("--stack-trace") { Description = "Show where an error arose", Recursive = true, Hidden = true };
        var root = new RootCommand("Classifies the emotions in a text, on ONNX Runtime alone.")
        {
            FetchCommand.Create(console),
            DataCommand.Create(console),
            VocabCommand.Create(console),
            InitCommand.Create(console),
            PretrainCommand.Create(console),
            TrainCommand.Create(console),
            ArtifactsCommand.Create(console),
            ImportCheckpointCommand.Create(console),
            InspectCommand.Create(console),
            TokenizeCommand.Create(console),
            PredictCommand.Create(console),
            ThresholdsCommand.Create(console),
            EvaluateCommand.Create(console),
            ExportCommand.Create(console),
            stackTrace,
        };

        // A text may begin with '@'; it is no response file.
        ParseResult parse = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (FindUsageError(parse) is string usageError)
        {
            string command = parse.CommandResult.Command is RootCommand ? "goemotions" : $"goemotions {parse.CommandResult.Command.Name}";
            console.Error.WriteLine($"error: {usageError} '{command} --help' shows its arguments.");
            return Usage;
        }

        try
        {
            var invocation = new InvocationConfiguration { Output = console.Output, Error = console.Error, EnableDefaultExceptionHandler = false };
            if (parse.CommandResult.Command.Name == TrainCommand.Name)
            {
                invocation.ProcessTerminationTimeout = CheckpointTimeout;
            }

            int exitCode = await parse.InvokeAsync(invocation);
            await console.Output.FlushAsync();
            return exitCode;
        }
        catch (OperationCanceledException)
        {
            console.Error.WriteLine("interrupted");
            return Interrupted;
        }
        catch (IOException error) when (ErrorLine.IsReaderGone(error))
        {
            // As `... | head` ends it: nobody is left to tell.
            return ReaderGone;
        }
        catch (Exception error) when (!parse.GetValue(stackTrace))
        {
            await FlushWhatWasWritten(console);
            console.Error.WriteLine($"error: {ErrorLine.Of(error)}");
            return Failure;
        }
    }

    private static string? FindUsageError(ParseResult parse)
    {
        if (parse.Errors.Count > 0)
        {
            return string.Join(' ', parse.Errors.Select(error => ErrorLine.OfUsage(error.Message)).Distinct());
        }

        // An option that was mistyped would pass for a text.
        foreach (Token token in parse.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash))
        {
            if (token.Type == TokenType.Argument && token.Value.Length > 2 && token.Value.StartsWith("--", StringComparison.Ordinal) && char.IsAsciiLetter(token.Value[2]) && !token.Value.Contains(' ', StringComparison.Ordinal))
            {
                return $"'{token.Value}' is no option of this command; a text that begins so stands behind a lone --.";
            }
        }

        return null;
    }

    private static async Task FlushWhatWasWritten(CliConsole console)
    {
        try
        {
            await console.Output.FlushAsync();
        }
        catch (IOException)
        {
            // The output itself is what failed (a full disk, a closed pipe); the error line follows on the other stream.
        }
        catch (UnauthorizedAccessException)
        {
            // The same for an output that was closed before the start.
        }
    }
}
