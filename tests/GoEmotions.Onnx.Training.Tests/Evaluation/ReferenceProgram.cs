using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

/// <summary>Runs <c>reference_metrics.py</c>; the running test is skipped where there is no Python.</summary>
internal static class ReferenceProgram
{
    public static JsonElement Run(string json, CancellationToken cancellation)
    {
        string script = Path.Combine(TestFiles.RepositoryRoot, "tests", "GoEmotions.Onnx.Training.Tests", "Evaluation", "reference_metrics.py");
        var start = new ProcessStartInfo("python3", ["-I", "-B", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process? process = TryStart(start);
        Assert.SkipWhen(process is null, "needs python3 on the path");
        Task<string> output = process!.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        process.StandardInput.Write(json);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.GetAwaiter().GetResult());
        using JsonDocument document = JsonDocument.Parse(output.GetAwaiter().GetResult());
        return document.RootElement.Clone();
    }

    private static Process? TryStart(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
