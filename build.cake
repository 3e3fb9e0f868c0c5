using System.Globalization;
using System.Text.Json;

// The one entry for people and CI. `dotnet cake --target=NAME`; CONTRIBUTING.md tables the targets.

var target = Argument("target", "Default");
var configuration = Argument("configuration", "Release");
var seed = Argument("seed", 42);

var cliProject = "src/GoEmotions.Onnx.Cli/GoEmotions.Onnx.Cli.csproj";
var artifacts = Argument("artifacts", "artifacts");

// A thousand sentences fine-tune the default model; the preset's recipe is for data of GoEmotions' size.
string[] demoOptions = ["--epochs", "8", "--batch-size", "16", "--learning-rate", "3e-4", "--warmup", "0.2", "--token-dropout", "0", "--pos-weight", "sqrt", "--threshold-data", "dev"];

var cliAssembly = $"src/GoEmotions.Onnx.Cli/bin/{configuration}/net10.0/GoEmotions.Onnx.Cli.dll";

ProcessArgumentBuilder CommandLine(params string[] arguments)
{
    var commandLine = new ProcessArgumentBuilder().AppendQuoted(cliAssembly);
    foreach (var argument in arguments)
    {
        commandLine.AppendQuoted(argument);
    }

    return commandLine;
}

void GoEmotions(params string[] arguments)
{
    Information("> goemotions " + string.Join(" ", arguments.Select(a => a.Contains(' ') ? $"\"{a}\"" : a)));
    var exitCode = StartProcess("dotnet", new ProcessSettings { Arguments = CommandLine(arguments) });
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

Task("DefaultModel")
    .Description("Trains the model that the project ships, on GoEmotions: --data=FOLDER with train.tsv, dev.tsv and labels.txt, as of '--target=Fetch'. Results of an earlier run in artifacts/default-model-run are kept and gone on from.")
    .IsDependentOn("Tool")
    .Does(() =>
    {
        var data = Argument("data", "");
        if (!System.IO.File.Exists($"{data}/train.tsv"))
        {
            throw new CakeException($"--data is '{data}', expected a folder with GoEmotions' train.tsv, dev.tsv and labels.txt. 'dotnet cake --target=Fetch --only=goemotions' downloads them to {artifacts}/downloads/goemotions.");
        }

        // The figures of the card.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var work = $"{artifacts}/default-model-run";
        string[] teachers = ["1", "2", "3", "4"];
        string[] students = ["42", "43", "44"];

        // docs/recipe.md. A tenth of the training rows is held back: it chooses among epochs and gives the thresholds. The development
        // split is looked at by the card alone. One thread: the bits of a training depend on their number.
        void Once(string result, params string[] arguments)
        {
            if (!System.IO.Path.Exists($"{work}/{result}"))
            {
                GoEmotions(arguments);
            }
        }

        CreateDirectory(work);
        Once("data", "data", "--input", $"{data}/train.tsv", "--dev-fraction", "0.1", "--seed", "42", "--out", $"{work}/data");
        Once("vocab.txt", "vocab", "--input", $"{data}/train.tsv", "--size", "8000", "--out", $"{work}/vocab.txt");
        Once("random", "init", "--size", "2x192x3", "--vocab", $"{work}/vocab.txt", "--seed", "42", "--out", $"{work}/random");
        Once("pretrained", "pretrain", "--base", $"{work}/random", "--data", $"{data}/train.tsv", "--epochs", "32", "--threads", "1", "--seed", "42", "--out", $"{work}/pretrained");

        // --resume goes on with what was interrupted.
        void Train(string name, string seed, params string[] options)
        {
            if (System.IO.Directory.Exists($"{work}/{name}/model"))
            {
                return;
            }

            GoEmotions(System.IO.Directory.Exists($"{work}/{name}/checkpoints")
                ? ["train", "--out", $"{work}/{name}", "--resume"]
                : ["train", "--data", $"{work}/data", "--base", $"{work}/pretrained", "--seed", seed, "--threads", "1", "--threshold-data", "dev", "--out", $"{work}/{name}", "--force", .. options]);
        }

        foreach (var seed in teachers)
        {
            Train($"teacher-{seed}", seed);
        }

        foreach (var seed in students)
        {
            Train($"student-{seed}", seed, ["--epochs", "10", "--teachers", .. teachers.Select(teacher => $"{work}/teacher-{teacher}/model")]);
        }

        string[] models = [.. teachers.Select(seed => $"teacher-{seed}"), .. students.Select(seed => $"student-{seed}")];
        CopyFile($"{work}/data/dev.jsonl", $"{work}/held-back.jsonl");
        foreach (var model in models)
        {
            GoEmotions("thresholds", "--model", $"{work}/{model}/model", "--data", $"{work}/held-back.jsonl", "--method", "expected-f1", "--force");
        }

        // Which student it is, the held-back rows say; the development split says only what all of them reach.
        JsonElement Measure(string model, string rows)
        {
            var exitCode = StartProcess("dotnet", new ProcessSettings { Arguments = CommandLine("evaluate", "--model", $"{work}/{model}/model", "--data", rows, "--json"), RedirectStandardOutput = true }, out var output);
            if (exitCode != 0)
            {
                throw new CakeException($"goemotions evaluate ended with exit code {exitCode}; its message stands above.");
            }

            return JsonDocument.Parse(string.Join('\n', output)).RootElement;
        }

        double Figure(JsonElement measured, string name) => measured.GetProperty(name).GetDouble();
        string best = students.MaxBy(seed => Figure(Measure($"student-{seed}", $"{work}/held-back.jsonl"), "average_precision_macro"));
        var figures = models.ToDictionary(model => model, model => Measure(model, $"{data}/dev.tsv"));
        string[] names = ["macro_f1", "micro_f1", "average_precision_macro"];
        string Row(string title, Func<string, string> figure) => $"| {title} | {string.Join(" | ", names.Select(figure))} |\n";
        string Spread(string name)
        {
            double[] values = [.. students.Select(seed => Figure(figures[$"student-{seed}"], name))];
            return $"{values.Average():0.0000} ± {Math.Sqrt(values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1)):0.0000}";
        }

        System.IO.File.WriteAllText($"{work}/notes.md",
            $"Made by `dotnet cake --target=DefaultModel --data=GOEMOTIONS`. A vocabulary and an encoder of random weights learnt the words of the training split's texts (`goemotions pretrain --epochs 32`); {teachers.Length} teachers were fine-tuned from it by seed; each of {students.Length} students learnt from the labels and the teachers' mean probabilities. A tenth of the training rows was held back: it chose among epochs, gave the thresholds, and chose student {best}, which is here. On the development split, which nothing was chosen by:\n\n"
            + "| model | macro F1 | micro F1 | mean average precision |\n|---|---:|---:|---:|\n"
            + string.Concat(models.Select(model => Row(model, name => $"{Figure(figures[model], name):0.0000}")))
            + Row("students, mean ± standard deviation", Spread));
        GoEmotions("export", "--model", $"{work}/student-{best}", "--out", "artifacts/default-model", "--force", "--name", "goemotions-bert-2x192", "--license", "mit",
            "--variants", "int8", "--graphs", "serving", "--weights", "f16", "--data", $"{data}/train.tsv", "--dev", $"{data}/dev.tsv", "--evaluate", $"{data}/dev.tsv", "--notes", $"{work}/notes.md", "--measure-latency");
    });

Task("Pack")
    .Description("Makes the NuGet packages of the libraries, the default model and the tool in artifacts/packages.")
    .Does(() =>
    {
        var packages = $"{artifacts}/packages";
        CleanDirectory(packages);

        // The time of the commit on all files, so that a commit gives the same bytes.
        var settings = new DotNetMSBuildSettings();
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

const string Benchmarks = "benchmarks/GoEmotions.Onnx.Benchmarks/GoEmotions.Onnx.Benchmarks.csproj";

void RunBenchmarks(params string[] arguments)
{
    var commandLine = new ProcessArgumentBuilder();
    foreach (var argument in arguments)
    {
        commandLine.AppendQuoted(argument);
    }

    DotNetRun(Benchmarks, commandLine, new DotNetRunSettings { Configuration = "Release" });
}

Task("Bench")
    .Description("Runs the BenchmarkDotNet suites (--filter='*Tokenizer*' picks some, --filter=none runs none), then the serving measurement (--serving=bulk, batches, latency, callers or none) and what README has of it.")
    .Does(() =>
    {
        var filter = Argument("filter", HasArgument("serving") ? "none" : "*");
        var serving = Argument("serving", HasArgument("filter") && filter != "none" ? "none" : "all");
        if (filter != "none")
        {
            RunBenchmarks("--filter", filter);
        }

        if (serving == "none")
        {
            return;
        }

        // The peers that are programs of their own; without Node the page says that its peer was not measured.
        DotNetBuild("benchmarks/GoEmotions.Onnx.Training.Comparison/GoEmotions.Onnx.Training.Comparison.csproj", new DotNetBuildSettings
        {
            Configuration = "Release",
            Verbosity = DotNetVerbosity.Quiet,
            NoLogo = true,
        });
        if (Context.Tools.Resolve("npm") is not null)
        {
            StartProcess("npm", "ci --prefix benchmarks/node/transformers --ignore-scripts --no-audit --no-fund");
        }

        RunBenchmarks(["serving", .. serving == "all" ? [] : new[] { serving }]);
        RunBenchmarks("readme");
    });

Task("BenchGuard")
    .Description("A short run that fails where a call allocates that must not, where the engine's lead over the usual pipeline falls below benchmarks/guard.json, or where BenchmarkDotNet cannot build or run the suites.")
    .Does(() =>
    {
        RunBenchmarks("guard");
        RunBenchmarks("--job", "Dry", "--filter", "*SampleTokenizerBenchmarks*", "--artifacts", $"{artifacts}/benchguard");
    });

Task("Default")
    .Description("What a newcomer runs first.")
    .IsDependentOn("Main");

RunTarget(target);
