using System.Diagnostics;
using System.Text;

namespace GoEmotions.Onnx.TestSupport;

/// <summary>Scripts of a folder below <c>tests</c>, run in Node, which a fresh machine may lack.</summary>
internal sealed class NodeProgram
{
    private readonly string _folder;
    private readonly string _package;

    private NodeProgram(string folder, string package)
    {
        _folder = Path.Combine(TestFiles.RepositoryRoot, "tests", folder);
        _package = package;
    }

    /// <summary>Hugging Face's tokenizer.</summary>
    public static NodeProgram Tokenizers { get; } = new("node", "tokenizers");

    /// <summary>ONNX Runtime's training build.</summary>
    public static NodeProgram Training { get; } = new("node-training", "onnxruntime-web");

    /// <summary>transformers.js and ONNX Runtime for Node and the web.</summary>
    public static NodeProgram Transformers { get; } = new("node-transformers", "@huggingface/transformers");

    /// <summary>Skips the running test where Node or the package is missing.</summary>
    public void Require()
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(_folder, "node_modules", _package)),
            $"needs the npm package {_package}: run 'npm ci --ignore-scripts' in tests/{Path.GetFileName(_folder)}");
        Assert.SkipUnless(FindNode() is not null, "needs Node 20 ('node' on the PATH)");
    }

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>Runs a script to its end and returns its output; a failure of the script is one of the test.</summary>
    public string Run(string script, params string[] arguments)
    {
        using Process process = Start(script, redirectInput: false, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"node {script} ended with {process.ExitCode}: {error.Result} {output}");
        return output;
    }

    /// <summary>Starts a script; its error stream is redirected only where its input is not.</summary>
    public Process Start(string script, bool redirectInput, params string[] arguments)
    {
        Require();
        var start = new ProcessStartInfo(FindNode()!)
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = redirectInput,
            RedirectStandardOutput = true,
            RedirectStandardError = !redirectInput,
            StandardInputEncoding = redirectInput ? Encoding.ASCII : null,
            StandardOutputEncoding = Encoding.UTF8,
            ArgumentList = { script },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static string? FindNode() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node"))
            .FirstOrDefault(File.Exists);
}
