using System.Diagnostics;
using System.Text;

namespace GoEmotions.Onnx.Parity.Tests.Artifacts;

/// <summary>A script of tests/node-training, run to its end.</summary>
internal static class NodeProgram
{
    public static string Folder { get; } = Path.Combine(TestFiles.RepositoryRoot, "tests", "node-training");

    /// <summary>Skips the running test where Node or ONNX Runtime's training build is missing.</summary>
    public static void Require()
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules", "onnxruntime-web")),
            "needs ONNX Runtime's training build: run 'npm ci --ignore-scripts' in tests/node-training");
        Assert.SkipUnless(FindNode() is not null, "needs Node 20 ('node' on the PATH)");
    }

    /// <summary>Runs a script and returns its output; a failure of the script is one of the test.</summary>
    public static string Run(string script, params string[] arguments)
    {
        Require();
        var start = new ProcessStartInfo(FindNode()!)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            ArgumentList = { script },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"node {script} ended with {process.ExitCode}: {error.Result}");
        return output;
    }

    private static string? FindNode() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node"))
            .FirstOrDefault(File.Exists);
}
