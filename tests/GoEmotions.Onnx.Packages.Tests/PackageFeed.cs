using System.Runtime.InteropServices;

namespace GoEmotions.Onnx.Packages.Tests;

/// <summary>The packages of this repository in a folder, made once by <c>dotnet cake --target=Pack</c> for all tests.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The folder of the packages.</summary>
    public string Directory => _folder["artifacts/packages"];

    /// <summary>An empty packages folder, so that nothing of an earlier run with the same version is taken.</summary>
    public string Cache => _folder["cache"];

    /// <summary>The version that all packages have.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Why there are no packages; null where there are.</summary>
    private string? Unavailable { get; set; }

    public async ValueTask InitializeAsync()
    {
        ProgramRun restore = await ProgramRun.Of("dotnet", TestFiles.RepositoryRoot, null, "tool", "restore");
        ProgramRun pack = restore.ExitCode == 0
            ? await ProgramRun.Of("dotnet", TestFiles.RepositoryRoot, null, "cake", "--target=Pack", $"--artifacts={_folder["artifacts"]}")
            : restore;
        Unavailable = pack.ReasonOffline;
        if (Unavailable is null)
        {
            Assert.True(pack.ExitCode == 0, pack.Output);
            string engine = Assert.Single(System.IO.Directory.GetFiles(Directory, "GoEmotions.Onnx.DefaultModel.*.nupkg"));
            Version = Path.GetFileNameWithoutExtension(engine)["GoEmotions.Onnx.DefaultModel.".Length..];
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Skips the running test where the packages could not be made for want of a registry.</summary>
    public void Require() => Assert.SkipWhen(Unavailable is not null, $"needs a package registry to pack: {Unavailable}");

    /// <summary>Skips the running test on a system that the tool has no package for.</summary>
    public void RequireToolOf(out string runtimeIdentifier)
    {
        Require();
        string identifier = RuntimeInformation.RuntimeIdentifier;
        Assert.SkipUnless(File.Exists(Path.Combine(Directory, $"GoEmotions.Onnx.Cli.{identifier}.{Version}.nupkg")), $"the tool has no package for {identifier}");
        runtimeIdentifier = identifier;
    }

    /// <summary>A program of <c>dotnet</c> in a folder of its own, which finds the packages and the machine's package sources.</summary>
    public Task<ProgramRun> DotNet(string workingDirectory, params string[] arguments) => ProgramRun.Of(
        "dotnet",
        workingDirectory,
        new Dictionary<string, string?> { ["NUGET_PACKAGES"] = Cache, ["MSBUILDDISABLENODEREUSE"] = "1" },
        arguments);
}
