namespace GoEmotions.Onnx.Cli.Runs;

/// <summary>How this program is started again, as a shell takes it.</summary>
internal static class ThisProgram
{
    /// <summary>The command: <c>goemotions</c> where it is installed as a tool, else what this process was started by.</summary>
    public static string Command => Environment.ProcessPath is string process && Path.GetFileNameWithoutExtension(process) != "dotnet"
        ? Path.GetFileNameWithoutExtension(process) == "goemotions" ? "goemotions" : Quote(process)
        : $"dotnet {Quote(typeof(ThisProgram).Assembly.Location)}";

    /// <summary>An argument with quotes where a shell would not take it as it is.</summary>
    public static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.All(character => char.IsAsciiLetterOrDigit(character) || "/\\.:_-+=@,".Contains(character, StringComparison.Ordinal)))
        {
            return argument;
        }

        return OperatingSystem.IsWindows() ? $"\"{argument}\"" : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
