using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace GoEmotions.Onnx.Packages.Tests;

public sealed class PackageTests(PackageFeed feed) : IClassFixture<PackageFeed>, IDisposable
{
    private const string Text = "Thank you so much, you made my day!";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pack_EachPackage_HasReadmeLicenceDescriptionAndNoPathOfTheMachine()
    {
        feed.Require();
        byte[] root = Encoding.UTF8.GetBytes(TestFiles.RepositoryRoot);
        foreach (string path in Directory.EnumerateFiles(feed.Directory))
        {
            using ZipArchive package = ZipFile.OpenRead(path);
            XElement metadata = ReadMetadata(package);
            Assert.NotEmpty(Value(metadata, "description"));
            Assert.NotEqual("Package Description", Value(metadata, "description"));
            if (path.EndsWith(".nupkg", StringComparison.Ordinal))
            {
                Assert.Equal("MIT", Value(metadata, "license"));
                Assert.Equal("README.md", Value(metadata, "readme"));
                Assert.NotNull(package.GetEntry("README.md"));
            }

            foreach (ZipArchiveEntry entry in package.Entries)
            {
                Assert.True(Content(entry).AsSpan().IndexOf(root) < 0, $"{Path.GetFileName(path)}: {entry.FullName} names {TestFiles.RepositoryRoot}");
            }
        }
    }

    [Fact]
    public void Pack_EachLibrary_HasSymbols()
    {
        feed.Require();
        string[] libraries = [.. Directory.EnumerateFiles(feed.Directory, "*.nupkg").Where(HasLibrary).Select(path => Path.ChangeExtension(path, ".snupkg"))];
        Assert.Equal(
            ["GoEmotions.Onnx", "GoEmotions.Onnx.DependencyInjection", "GoEmotions.Onnx.Graphs", "GoEmotions.Onnx.Training"],
            libraries.Select(path => Path.GetFileName(path)[..^$".{feed.Version}.snupkg".Length]).Order(StringComparer.Ordinal));
        Assert.All(libraries, path => Assert.True(File.Exists(path), $"{path} does not exist"));

        static bool HasLibrary(string path)
        {
            using ZipArchive package = ZipFile.OpenRead(path);
            return package.Entries.Any(entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal) && entry.Name.EndsWith(".dll", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Pack_Tool_HoldsTheNativeLibrariesOfItsSystemAlone()
    {
        feed.Require();
        foreach (string path in Directory.EnumerateFiles(feed.Directory, "GoEmotions.Onnx.Cli.*.nupkg"))
        {
            using ZipArchive package = ZipFile.OpenRead(path);
            string[] native = [.. package.Entries.Select(entry => entry.Name).Where(name => name.Contains("onnxruntime", StringComparison.Ordinal) && !name.EndsWith("Managed.dll", StringComparison.Ordinal) && !name.Contains("providers", StringComparison.Ordinal))];
            string file = Path.GetFileName(path);
            string[] expected = file.Contains(".linux-", StringComparison.Ordinal) ? ["libonnxruntime.so"]
                : file.Contains(".osx-", StringComparison.Ordinal) ? ["libonnxruntime.dylib"]
                : file.Contains(".win-", StringComparison.Ordinal) ? ["onnxruntime.dll"]
                : [];
            Assert.Equal(expected, native);
            Assert.DoesNotContain(package.Entries, entry => entry.Name.StartsWith("lib", StringComparison.Ordinal) && entry.Name.EndsWith(".pdb", StringComparison.Ordinal));

            // 17 to 27 MB with a default model of 3 MB, which may have 12; one package for all systems had 350.
            Assert.InRange(new FileInfo(path).Length, 1, 45_000_000);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Packages_InAFreshProject_RunTheExample(bool singleFile)
    {
        feed.Require();
        WriteProject();
        string[] publish = singleFile ? ["-p:PublishSingleFile=true", "--use-current-runtime", "--self-contained", "false"] : [];
        ProgramRun made = await feed.DotNet(_folder.Root, ["publish", "--output", _folder["out"], "--nologo", .. publish]);
        Assert.SkipWhen(made.ReasonOffline is not null, $"needs a package registry: {made.ReasonOffline}");
        Assert.True(made.ExitCode == 0, made.Output);
        Assert.True(Directory.Exists(Path.Combine(feed.Cache, "goemotions.onnx", feed.Version)), $"GoEmotions.Onnx {feed.Version} was taken from elsewhere than the folder of this test; remove it from the machine's packages folder");
        Assert.Equal(!singleFile, File.Exists(_folder["out/GoEmotions.Onnx.dll"]));

        // From another folder: the model lies beside the program, wherever it is started.
        string program = _folder[OperatingSystem.IsWindows() ? "out/Example.exe" : "out/Example"];
        ProgramRun run = await ProgramRun.Of(program, Path.GetTempPath(), null);
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains("gratitude: 0.", run.Output);
    }

    [Fact]
    public void Readme_Example_IsThatOfThePackage() => Assert.Equal(
        Example(Path.Combine(TestFiles.RepositoryRoot, "src", "GoEmotions.Onnx", "README.md")),
        Example(Path.Combine(TestFiles.RepositoryRoot, "README.md")));

    [Fact]
    public async Task Tool_InstalledFromTheFolder_PredictsWithTheDefaultModel()
    {
        feed.RequireToolOf(out string runtimeIdentifier);
        _folder.Write("nuget.config", $"<configuration><packageSources><clear /><add key=\"folder\" value=\"{feed.Directory}\" /></packageSources></configuration>");
        ProgramRun install = await feed.DotNet(_folder.Root, "tool", "install", "GoEmotions.Onnx.Cli", "--version", feed.Version, "--tool-path", _folder["tools"]);
        Assert.True(install.ExitCode == 0, $"{runtimeIdentifier}: {install.Output}");
        ProgramRun run = await ProgramRun.Of(_folder[OperatingSystem.IsWindows() ? "tools/goemotions.exe" : "tools/goemotions"], _folder.Root, null, "predict", "--json", Text);
        Assert.True(run.ExitCode == 0, run.Output);
        using JsonDocument prediction = JsonDocument.Parse(run.Output);
        Assert.Equal(Text, prediction.RootElement.GetProperty("text").GetString());
        Assert.Contains("gratitude", prediction.RootElement.GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
    }

    private static string Example(string readme)
    {
        const string Fence = "```csharp\n";
        string text = File.ReadAllText(readme).ReplaceLineEndings("\n");
        int start = text.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static XElement ReadMetadata(ZipArchive package)
    {
        using Stream stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
    }

    private static string Value(XElement metadata, string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    // The machine's own packages folder is a fallback, so that ONNX Runtime is not downloaded anew.
    private void WriteProject()
    {
        string machine = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(machine);
        _folder.Write("nuget.config", $"""
            <configuration>
              <packageSources><add key="folder" value="{feed.Directory}" /></packageSources>
              <fallbackPackageFolders><add key="machine" value="{machine}" /></fallbackPackageFolders>
            </configuration>
            """);
        _folder.Write("Example.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="GoEmotions.Onnx" Version="{feed.Version}" />
                <PackageReference Include="GoEmotions.Onnx.DefaultModel" Version="{feed.Version}" />
                <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="{OnnxRuntimeVersion()}" />
              </ItemGroup>
            </Project>
            """);
        _folder.Write("Program.cs", Example(Path.Combine(TestFiles.RepositoryRoot, "src", "GoEmotions.Onnx", "README.md")));
    }

    private static string OnnxRuntimeVersion() => XDocument.Load(Path.Combine(TestFiles.RepositoryRoot, "Directory.Packages.props"))
        .Descendants("OnnxRuntimeVersion").Single().Value;
}
