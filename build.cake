// The one entry for people and CI. `dotnet cake --target=NAME`; CONTRIBUTING.md tables the targets.

var target = Argument("target", "Default");
var configuration = Argument("configuration", "Release");
var seed = Argument("seed", 42);

var cliProject = "src/GoEmotions.Onnx.Cli/GoEmotions.Onnx.Cli.csproj";
var artifacts = Argument("artifacts", "artifacts");

// A thousand sentences fine-tune the default model; the preset's recipe is for data of GoEmotions' size.
string[] demoOptions = ["--epochs", "8", "--batch-size", "16", "--learning-rate", "3e-4", "--warmup", "0.2", "--token-dropout", "0", "--pos-weight", "sqrt", "--threshold-data", "dev"];

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

Task("Main")
    .Description("From labelled texts to a served model: data, base, training, evaluation, three predictions. --data=PATH --base=DIR --preset=NAME --device=DEVICE for your own.")
    .IsDependentOn("Tool")
    .Does(() =>
    {
        var data = Argument("data", "");
        var start = Argument("base", "");
        var preset = Argument("preset", "default");
        var isDemo = data.Length == 0 && start.Length == 0;
        var prepared = $"{artifacts}/data";
        var run = $"{artifacts}/run";
        var model = $"{run}/model";

        // A folder is a data set already.
        if (System.IO.Directory.Exists(data))
        {
            prepared = data;
        }
        else
        {
            GoEmotions(["data", .. data.Length > 0 ? new[] { "--input", data } : [], "--out", prepared, "--seed", seed.ToString(), "--force"]);
        }

        if (isDemo)
        {
            start = "artifacts/default-model";
        }
        else if (start.Length == 0)
        {
            // docs/recipe.md: a small encoder with a vocabulary of its own, which learns the words from the texts before the labels.
            start = $"{artifacts}/base";
            var texts = System.IO.File.Exists($"{prepared}/train.jsonl") ? $"{prepared}/train.jsonl" : $"{prepared}/train.tsv";
            var vocabulary = $"{artifacts}/vocab.txt";
            GoEmotions("vocab", "--input", texts, "--size", "8000", "--out", vocabulary, "--force");
            GoEmotions("init", "--size", "2x192x3", "--vocab", vocabulary, "--seed", seed.ToString(), "--out", $"{artifacts}/random", "--force");
            GoEmotions("pretrain", "--base", $"{artifacts}/random", "--data", texts, "--seed", seed.ToString(), "--out", start, "--force");
        }

        GoEmotions(["train", "--data", prepared, "--base", start, "--preset", preset, "--device", Argument("device", "cpu"), "--seed", seed.ToString(), "--out", run, "--force", .. isDemo && preset == "default" ? demoOptions : []]);
        if (System.IO.File.Exists($"{prepared}/dev.jsonl"))
        {
            GoEmotions("evaluate", "--model", model, "--data", prepared);
        }

        GoEmotions("predict", "--model", model, "--top", "3",
            "Thank you so much, you made my day!",
            "I can't believe they cancelled it again. Ugh.",
            "The meeting starts at ten.");
        Information(isDemo
            ? $"The model in {model} is the default model, fine-tuned on the embedded sample of about a thousand sentences: it shows how data of your own is learnt (--data=PATH). '--target=Fetch' downloads GoEmotions. {run}/report.html has the curves."
            : $"The model is in {model}; {run}/report.html has the curves.");
    });

Task("Pack")
    .Description("Makes the NuGet packages of the libraries, the default model and the tool in artifacts/packages.")
    .Does(() =>
    {
        var packages = $"{artifacts}/packages";
        CleanDirectory(packages);

        // No path of the machine in assemblies and symbols; the time of the commit on all files, so that a commit gives the same bytes.
        var settings = new DotNetMSBuildSettings { ContinuousIntegrationBuild = true };
        if (StartProcess("git", new ProcessSettings { Arguments = "log -1 --format=%ct", RedirectStandardOutput = true }, out var commitTime) == 0)
        {
            settings.WithProperty("DeterministicTimestamp", commitTime.Single());
        }

        foreach (var project in GetFiles("src/*/*.csproj"))
        {
            DotNetPack(project.FullPath, new DotNetPackSettings
            {
                Configuration = configuration,
                OutputDirectory = packages,
                Verbosity = DotNetVerbosity.Quiet,
                NoLogo = true,
                MSBuildSettings = settings,
            });
        }

        foreach (var package in GetFiles($"{packages}/*.nupkg"))
        {
            Information($"{new System.IO.FileInfo(package.FullPath).Length / 1e6,8:0.00} MB  {package.GetFilename()}");
        }
    });

Task("Fetch")
    .Description("Downloads GoEmotions' training and development texts and bert-base-uncased (445 MB) to artifacts/downloads: --only=goemotions, --base-url=MIRROR.")
    .IsDependentOn("Tool")
    .Does(() =>
    {
        string[] Given(string name) => HasArgument(name) ? [$"--{name}", Argument<string>(name)] : [];
        GoEmotions(["fetch", "--out", $"{artifacts}/downloads", .. Given("only"), .. Given("base-url")]);
    });

Task("Bench")
    .Description("Runs the benchmarks: --filter='*Tokenizer*' picks some.")
    .Does(() => DotNetRun("benchmarks/GoEmotions.Onnx.Benchmarks/GoEmotions.Onnx.Benchmarks.csproj",
        new ProcessArgumentBuilder().Append("--filter").AppendQuoted(Argument("filter", "*")),
        new DotNetRunSettings { Configuration = "Release" }));

Task("Default")
    .Description("What a newcomer runs first.")
    .IsDependentOn("Main");

RunTarget(target);
