using System.Text.RegularExpressions;

namespace GoEmotions.Onnx.Cli;

/// <summary>What a person is told of an error, in one line.</summary>
internal static partial class ErrorLine
{
    private const int BrokenPipe = 32;
    private const int NoSpaceLeft = 28;
    private const int ReadOnlyFileSystem = 30;

    /// <summary>Whether the program that reads the output has ended (EPIPE; .NET gives the number of the system as HResult).</summary>
    public static bool IsReaderGone(IOException error) => !OperatingSystem.IsWindows() && error.HResult == BrokenPipe;

    public static string Of(Exception error)
    {
        string message = Squash(error.Message);
        return error switch
        {
            // The system's own words, which name neither what was expected nor what to do.
            FileNotFoundException or DirectoryNotFoundException when QuotedPath().Match(message) is { Success: true } match && message.StartsWith("Could not find", StringComparison.Ordinal) =>
                $"{match.Groups[1].Value} does not exist. Check the path.",
            UnauthorizedAccessException when QuotedPath().Match(message) is { Success: true } match => $"{match.Groups[1].Value}: access is denied. Check its permissions, and that it is no directory.",
            UnauthorizedAccessException when message.StartsWith("Access to the path is denied", StringComparison.Ordinal) => "the standard output is closed, expected one to write to.",
            IOException { HResult: NoSpaceLeft } when QuotedPath().Match(message) is { Success: true } match => $"{match.Groups[1].Value}: no space is left there. Free some, or choose another place.",
            IOException { HResult: ReadOnlyFileSystem } when QuotedPath().Match(message) is { Success: true } match => $"{match.Groups[1].Value}: the file system is read-only. Choose another place.",
            IOException { HResult: NoSpaceLeft } when !message.Contains('/', StringComparison.Ordinal) => "no space is left where the standard output goes. Free some and run the command again.",
            ArgumentException or FormatException => ParameterName().Replace(message, ""),
            InvalidDataException or IOException or UnauthorizedAccessException or InvalidOperationException => message,
            _ => $"{message} ({error.GetType().Name}; --stack-trace shows where it arose)",
        };
    }

    /// <summary>A message of the argument parser, without the names of .NET's types and the list that follows it.</summary>
    public static string OfUsage(string message)
    {
        string line = Squash(message);
        if (NotParsed().Match(line) is { Success: true } match)
        {
            string expected = match.Groups[3].Value.Contains("Int", StringComparison.Ordinal) ? "a whole number" : "a number";
            return $"{match.Groups[2].Value} is '{match.Groups[1].Value}', expected {expected}.";
        }

        return line.EndsWith('.') ? line : line + ".";
    }

    private static string Squash(string message) => string.Join(' ', message.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex QuotedPath();

    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex ParameterName();

    [GeneratedRegex("^Cannot parse argument '(.*)' for option '(.*)' as expected type '(.*)'")]
    private static partial Regex NotParsed();
}
