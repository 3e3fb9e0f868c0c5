using System.Text;
using Microsoft.Win32.SafeHandles;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli;

/// <summary>Where a command reads and writes: the process's streams, or a test's.</summary>
internal sealed class CliConsole
{
    /// <summary>Width of a table in characters when the output is no terminal: a pipe or a file has none of its own.</summary>
    private const int RedirectedWidth = 120;

    public required TextReader Input { get; init; }

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>A person types the input: answer after each line.</summary>
    public bool InputIsInteractive { get; init; }

    /// <summary>A person reads the output: colours and the terminal's width.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>A person watches the error stream: a progress bar may move there.</summary>
    public bool ErrorIsTerminal { get; init; }

    public static CliConsole System()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new CliConsole
        {
            Input = new StreamReader(Console.OpenStandardInput(), utf8),
            Output = new StreamWriter(OpenOutput(), utf8) { AutoFlush = false },
            Error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            InputIsInteractive = !Console.IsInputRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
        };
    }

    // .NET's own console stream passes over that a pipe's reader has gone; a plain file tells. On a file with positions a plain
    // file would keep one of its own, and whoever writes there next would write over what it wrote.
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return output.CanSeek ? Console.OpenStandardOutput() : output;
    }

    /// <summary>Writes a table, tree or text for people to the output.</summary>
    public void Write(Spectre.Console.Rendering.IRenderable renderable)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Output),
            Ansi = OutputIsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = OutputIsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = OutputIsTerminal && !Console.IsOutputRedirected ? Math.Max(Console.WindowWidth, 40) : RedirectedWidth;
        console.Write(renderable);
    }

    /// <summary>Writes a line about what was done, for people, to the error stream, so that the output holds results only.</summary>
    public void Note(string line) => Error.WriteLine(line);
}
