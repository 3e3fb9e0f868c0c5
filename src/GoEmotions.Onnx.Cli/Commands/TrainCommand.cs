using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GoEmotions.Onnx.Cli.Runs;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions train</c>: from labelled texts and a checkpoint to a model directory with thresholds and a report.</summary>
internal static class TrainCommand
{
    public const string Name = "train";

    public static Command Create(CliConsole console)
    {
        var options = new TrainOptions();
        var command = new Command(Name, "Fine-tune a checkpoint on labelled texts.");
        foreach (Option option in options.All)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(options.Resume) && result.GetValue(options.Force))
            {
                result.AddError("--resume goes on with a run and --force replaces it; pass one of them.");
            }
            else if (!result.GetValue(options.Resume) && result.GetValue(options.Base) is null)
            {
                result.AddError("--base is missing: the checkpoint to start from, such as one of 'goemotions init'.");
            }
            else if (!result.GetValue(options.Resume) && CheckTeachers(result, options) is string error)
            {
                result.AddError(error);
            }
        });

        // On a thread of its own, so that Ctrl-C reaches the training as a cancellation.
        command.SetAction((parse, cancellation) => Task.Run(
            () =>
            {
                var folder = new RunFolder(parse.GetRequiredValue(options.Output));
                bool resumes = parse.GetValue(options.Resume);
                if (!resumes)
                {
                    folder.CheckNew(parse.GetValue(options.Force));
                    return new TrainingRun(console, options).ExecuteAsync(parse, folder, resumes, cancellation);
                }

                IReadOnlyList<string> started = RunConfiguration.LoadArguments(folder);
                ParseResult again = command.Parse([.. WithThreads(started, parse, options), options.Output.Name, folder.Path, options.Resume.Name], new ParserConfiguration { ResponseFileTokenReplacer = null });
                if (again.Errors.Count > 0)
                {
                    throw new InvalidDataException($"{folder.ConfigurationFile}: {ErrorLine.OfUsage(again.Errors[0].Message)} Start a new run in another folder.");
                }

                CheckSame(parse, again, options, folder);
                return new TrainingRun(console, options).ExecuteAsync(again, folder, resumes, cancellation);
            },
            CancellationToken.None));
        return command;
    }

    // Here, since the trainer tells only after the teachers have scored all texts. By the tokens: a value that cannot be read is told already.
    private static string? CheckTeachers(CommandResult result, TrainOptions options)
    {
        if (result.GetResult(options.Teachers) is not { Implicit: false })
        {
            return result.GetResult(options.TeacherWeight) is { Tokens: [Token weight] } ? $"--teacher-weight is {weight.Value} without --teachers, expected the teachers' model directories beside it." : null;
        }

        return new[] { options.Focal, options.LabelSmoothing }.FirstOrDefault(option => IsAboveZero(result.GetResult(option))) is Option refused
            ? $"{refused.Name} and --teachers exclude each other: the loss of mixed targets would not be the sum of those against labels and teachers. Pass one of them."
            : null;
    }

    private static bool IsAboveZero(OptionResult? result) => result is { Tokens: [Token token] } && double.TryParse(token.Value, CultureInfo.InvariantCulture, out double value) && value > 0;

    // The threads are the machine's: they may be others than at the start.
    private static IEnumerable<string> WithThreads(IReadOnlyList<string> started, ParseResult parse, TrainOptions options)
    {
        if (parse.GetValue(options.Threads) is not int threads)
        {
            return started;
        }

        int place = started.ToList().IndexOf(options.Threads.Name);
        IEnumerable<string> others = place < 0 ? started : started.Where((_, index) => index != place && index != place + 1);
        return [.. others, options.Threads.Name, threads.ToString(CultureInfo.InvariantCulture)];
    }

    private static void CheckSame(ParseResult parse, ParseResult again, TrainOptions options, RunFolder folder)
    {
        foreach (Option option in options.All.Except([options.Output, options.Resume, options.Threads]))
        {
            if (parse.GetResult(option) is not { Implicit: false } given)
            {
                continue;
            }

            string? started = again.GetResult(option) is { Implicit: false } stored ? Values(stored, token => token) : null;
            if (Values(given, token => token) != started && !(options.IsPath(option) && Values(given, Path.GetFullPath) == started))
            {
                throw new ArgumentException($"{option.Name} is {Values(given, token => token)}, but the run in {folder.Path} was started with {started ?? "that option left out"}. --resume goes on with the options of the start: leave it out, or start a new run.");
            }
        }
    }

    private static string Values(OptionResult result, Func<string, string> form) => string.Join(' ', result.Tokens.Select(token => form(token.Value)));
}
