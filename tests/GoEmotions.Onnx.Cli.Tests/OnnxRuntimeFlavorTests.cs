using System.Diagnostics;
using System.Text.Json;

namespace GoEmotions.Onnx.Cli.Tests;

public sealed class OnnxRuntimeFlavorTests
{
    [Theory]
    [InlineData("Cpu", "Microsoft.ML.OnnxRuntime", "1.31.1", "1.31.1")]
    [InlineData("Gpu", "Microsoft.ML.OnnxRuntime.Gpu", "1.31.1", "1.31.1")]
    [InlineData("Training", "Microsoft.ML.OnnxRuntime.Training", "1.19.2", "1.19.2")]
    public void OnnxRuntimeFlavor_Evaluated_ReferencesItsNativePackage(string flavor, string package, string version, string managedVersion)
    {
        using JsonDocument evaluation = Evaluate(flavor);
        JsonElement items = evaluation.RootElement.GetProperty("Items");
        Assert.Equal([package], Names(items.GetProperty("PackageReference")).Where(name => name.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal)));
        Dictionary<string, string> versions = items.GetProperty("PackageVersion").EnumerateArray()
            .ToDictionary(item => item.GetProperty("Identity").GetString()!, item => item.GetProperty("Version").GetString()!);
        Assert.Equal(version, versions[package]);
        Assert.Equal(managedVersion, versions["Microsoft.ML.OnnxRuntime.Managed"]);
    }

    private static IEnumerable<string> Names(JsonElement items) => items.EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!);

    private static JsonDocument Evaluate(string flavor)
    {
        string project = Path.Combine(TestFiles.RepositoryRoot, "src", "GoEmotions.Onnx.Cli", "GoEmotions.Onnx.Cli.csproj");
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-getItem:PackageReference", "-getItem:PackageVersion", $"-p:OnnxRuntimeFlavor={flavor}"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        return JsonDocument.Parse(output);
    }
}
