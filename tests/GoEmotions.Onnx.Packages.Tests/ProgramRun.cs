using System.Diagnostics;
using System.Text;

namespace GoEmotions.Onnx.Packages.Tests;

/// <summary>A program's exit code and what it wrote.</summary>
public sealed record ProgramRun(int ExitCode, string Output)
{
    /// <summary>NuGet's line where a registry is out of reach (NU1301, or an SDK tool that is not restored for that reason); null otherwise.</summary>
    public string? ReasonOffline => ExitCode == 0 ? null
        : Output.Split('\n').FirstOrDefault(line => line.Contains("NU1301", StringComparison.Ordinal) || line.Contains("Unable to load the service index", StringComparison.Ordinal))?.Trim();

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="workingDirectory">Where it runs.</param>
    /// <param name="environment">Variables that it sees besides those of this process.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<ProgramRun> Of(string program, string workingDirectory, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ProgramRun(process.ExitCode, $"{await output}{await error}");
    }
}
