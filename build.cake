// The one entry for people and CI. `dotnet cake --target=NAME`; CONTRIBUTING.md tables the targets.

var target = Argument("target", "Default");
var configuration = Argument("configuration", "Release");
var seed = Argument("seed", 42);

var cliProject = "src/GoEmotions.Onnx.Cli/GoEmotions.Onnx.Cli.csproj";
var cliAssembly = $"src/GoEmotions.Onnx.Cli/bin/{configuration}/net10.0/GoEmotions.Onnx.Cli.dll";

void GoEmotions(params string[] arguments)
{
    Information("> goemotions " + string.Join(" ", arguments.Select(a => a.Contains(' ') ? $"\"{a}\"" : a)));
    var commandLine = new ProcessArgumentBuilder().AppendQuoted(cliAssembly);
    foreach (var argument in arguments)
    {
        commandLine.AppendQuoted(argument);
    }

    var exitCode = StartProcess("dotnet", new ProcessSettings { Arguments = commandLine });
    if (exitCode != 0)
    {
        throw new CakeException($"goemotions {arguments[0]} ended with exit code {exitCode}; its message stands above.");
    }
}

Task("Tool")
    .Description("Builds the command line, and with it all libraries.")
    .Does(() => DotNetBuild(cliProject, new DotNetBuildSettings
    {
        Configuration = configuration,
        Verbosity = DotNetVerbosity.Quiet,
        NoLogo = true,
    }));

Task("Build")
    .Description("Builds the whole solution, tests and benchmarks included.")
    .Does(() => DotNetBuild("GoEmotions.Onnx.sln", new DotNetBuildSettings
    {
        Configuration = configuration,
        Verbosity = DotNetVerbosity.Minimal,
        NoLogo = true,
    }));

Task("Test")
    .Description("Runs all tests.")
    .Does(() => DotNetTool("test"));

Task("Format")
    .Description("Fails when a file is not formatted as .editorconfig says.")
    .Does(() => DotNetFormat("GoEmotions.Onnx.sln", new DotNetFormatSettings { VerifyNoChanges = true }));

Task("Demo")
    .Description("Makes a vocabulary and a small randomly initialised classifier under artifacts/ and scores three texts with it.")
    .IsDependentOn("Tool")
    .Does(() =>
    {
        var vocabulary = "artifacts/vocab.txt";
        var model = "artifacts/random-classifier";
        GoEmotions("vocab", "--size", "2500", "--out", vocabulary, "--force");
        GoEmotions("init", "--size", "tiny", "--vocab", vocabulary, "--seed", seed.ToString(), "--onnx", "--out", model, "--force");
        GoEmotions("inspect", model);
        Information($"The classifier in {model} has random weights: its scores mean nothing, and are much the same for every text. They show that the whole way works, from text to probabilities.");
        GoEmotions("predict", "--model", model, "--top", "3",
            "Thank you so much, you made my day!",
            "I can't believe they cancelled it again. Ugh.",
            "The meeting starts at ten.");
    });

Task("Bench")
    .Description("Runs the benchmarks: --filter='*Tokenizer*' picks some.")
    .Does(() => DotNetRun("benchmarks/GoEmotions.Onnx.Benchmarks/GoEmotions.Onnx.Benchmarks.csproj",
        new ProcessArgumentBuilder().Append("--filter").AppendQuoted(Argument("filter", "*")),
        new DotNetRunSettings { Configuration = "Release" }));

Task("Default")
    .Description("What a newcomer runs first.")
    .IsDependentOn("Demo");

RunTarget(target);
