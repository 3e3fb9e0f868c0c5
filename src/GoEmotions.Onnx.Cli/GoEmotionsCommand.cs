using System.CommandLine;
using GoEmotions.Onnx.Cli.Commands;

namespace GoEmotions.Onnx.Cli;

/// <summary>The command <c>goemotions</c>: parses the arguments, runs a subcommand, and turns failures into one line and an exit code.</summary>
internal static class GoEmotionsCommand
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliConsole console)
    {
        var stackTrace = new Option<bool>("--stack-trace") { Description = "Show where an error arose", Recursive = true, Hidden = true };
        var root = new RootCommand("Classifies the emotions in a text, on ONNX Runtime alone.")
        {
            VocabCommand.Create(console),
            InitCommand.Create(console),
            InspectCommand.Create(console),
            TokenizeCommand.Create(console),
            PredictCommand.Create(console),
            DataCommand.Create(console),
            TrainCommand.Create(console),
            EvaluateCommand.Create(console),
            ThresholdsCommand.Create(console),
            stackTrace,
        };

        // A text may begin with '@'; it is no response file.
        ParseResult parse = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var invocation = new InvocationConfiguration { Output = console.Output, Error = console.Error, EnableDefaultExceptionHandler = false };
        if (parse.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError error in parse.Errors)
            {
                console.Error.WriteLine($"error: {error.Message}");
            }

            string command = parse.CommandResult.Command is RootCommand ? "goemotions" : $"goemotions {parse.CommandResult.Command.Name}";
            console.Error.WriteLine($"Run '{command} --help' for its arguments.");
            return Usage;
        }

        try
        {
            int exitCode = await parse.InvokeAsync(invocation);
            await console.Output.FlushAsync();
            return exitCode;
        }
        catch (OperationCanceledException)
        {
            console.Error.WriteLine("interrupted");
            return Interrupted;
        }
        catch (Exception error) when (!parse.GetValue(stackTrace))
        {
            await FlushWhatWasWritten(console);
            console.Error.WriteLine($"error: {Describe(error)}");
            return Failure;
        }
    }

    private static string Describe(Exception error)
    {
        string message = string.Join(' ', error.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return error switch
        {
            // These are thrown with a message made for the reader.
            InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException => message,
            _ => $"{message} ({error.GetType().Name}; --stack-trace shows where it arose)",
        };
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
    }
}
