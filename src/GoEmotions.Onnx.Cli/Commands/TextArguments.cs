using System.Collections.Concurrent;
using System.CommandLine;
using System.Runtime.ExceptionServices;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The texts of a command: its arguments, or else the lines of the standard input.</summary>
internal static class TextArguments
{
    /// <summary>How many texts are taken together at most, so that they can be batched.</summary>
    private const int ChunkSize = 256;

    public static Argument<string[]> Argument() => new("TEXT")
    {
        Description = "Texts; without any, the lines of the standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>
    /// The texts in order, in chunks that are worth batching: the arguments, or of the standard input all lines that have arrived
    /// by the time they are asked for, so that a slow writer is answered line by line and a fast one in batches.
    /// </summary>
    public static IEnumerable<string[]> ReadChunks(ParseResult parse, Argument<string[]> argument, CliConsole console)
    {
        string[] texts = parse.GetValue(argument) ?? [];
        if (texts.Length > 0)
        {
            return texts.Chunk(ChunkSize);
        }

        if (console.InputIsInteractive)
        {
            console.Note("A text a line; Ctrl-D ends.");
        }

        return ReadLines(console.Input);
    }

    private static IEnumerable<string[]> ReadLines(TextReader input)
    {
        using var lines = new BlockingCollection<string>(boundedCapacity: 4 * ChunkSize);
        Exception? failure = null;
        var reader = new Thread(() =>
        {
            try
            {
                while (input.ReadLine() is string line)
                {
                    lines.Add(line);
                }
            }
            catch (Exception error)
            {
                // Told to the thread that waits for the lines.
                failure = error;
            }

            lines.CompleteAdding();
        })
        { IsBackground = true, Name = "standard input" };
        reader.Start();
        var chunk = new List<string>(ChunkSize);
        while (lines.TryTake(out string? first, Timeout.Infinite))
        {
            chunk.Clear();
            chunk.Add(first);
            while (chunk.Count < ChunkSize && lines.TryTake(out string? next))
            {
                chunk.Add(next);
            }

            yield return [.. chunk];
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>An option that takes a whole number from <paramref name="minimum"/> on.</summary>
    public static Option<int?> AtLeast(string name, int minimum, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value < minimum)
            {
                result.AddError($"{name} is {value}, expected {minimum} or more.");
            }
        });
        return option;
    }
}
