using System.CommandLine;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The texts of a command: its arguments, or else the lines of the standard input.</summary>
internal static class TextArguments
{
    /// <summary>How many lines of a redirected input are taken together, so that they can be batched.</summary>
    private const int ChunkSize = 256;

    public static Argument<string[]> Argument() => new("TEXT")
    {
        Description = "Texts; without any, the lines of the standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The texts in chunks that are worth batching, in order; each line of an interactive input is a chunk of its own.</summary>
    public static IEnumerable<string[]> ReadChunks(ParseResult parse, Argument<string[]> argument, CliConsole console)
    {
        string[] texts = parse.GetValue(argument) ?? [];
        return texts.Length > 0 ? texts.Chunk(ChunkSize) : Lines(console.Input).Chunk(console.InputIsInteractive ? 1 : ChunkSize);
    }

    private static IEnumerable<string> Lines(TextReader input)
    {
        while (input.ReadLine() is string line)
        {
            yield return line;
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
