using System.Globalization;
using GoEmotions.Onnx.Benchmarks;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Training.Comparison;

if (args is ["--memory", var side, var index, var threadText])
{
    PeakMemory.Print(side, int.Parse(index, CultureInfo.InvariantCulture), int.Parse(threadText, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["--serve", var model, var serveThreads, var batch])
{
    return TorchServing.Run(model, int.Parse(serveThreads, CultureInfo.InvariantCulture), int.Parse(batch, CultureInfo.InvariantCulture));
}

const int Threads = 2;
bool isQuick = args.Contains("--quick");
int outputAt = Array.IndexOf(args, "--output");
if (args.Any(argument => argument.StartsWith('-') && argument is not ("--quick" or "--output")) || (outputAt >= 0 && outputAt == args.Length - 1))
{
    Console.Error.WriteLine("usage: [--quick] [--output FILE]; without --output the page goes to benchmarks/results/<cpu>/training.md, of a quick run to standard output");
    return 2;
}

var page = new ResultPage(Threads, isQuick);
var times = new Dictionary<StepCase, Dictionary<string, (double Median, double Least)>>();
for (int number = 0; number < StepCase.All.Count; number++)
{
    StepCase step = StepCase.All[number];
    if (isQuick && !step.IsQuick)
    {
        continue;
    }

    Console.Error.WriteLine($"{step.Model} {step.Shape}");
    times[step] = StepTiming.Run(step, isQuick ? 2 : step.Rounds, Threads);
    page.AddSteps(step, times[step], Sides.All.ToDictionary(name => name, name => PeakMemory.Measure(name, number, Threads)));
}

Console.Error.WriteLine("GoEmotions' texts");
RealData tiny = RealData.Measure(EncoderSize.Tiny, 32, isQuick ? 40 : 800, Threads);
RealData small = RealData.Measure(EncoderSize.Small, 16, isQuick ? 6 : 250, Threads);
page.AddReal(tiny);
page.AddReal(small);
StepCase padded = StepCase.All.Single(step => step.Sequence == 128);
page.AddPadded(padded, times[padded], small);
string? file = outputAt >= 0 ? args[outputAt + 1] : isQuick ? null : Path.Combine("benchmarks", "results", Machine.FolderName(), "training.md");
if (file is null)
{
    Console.WriteLine(page);
    return 0;
}

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
await File.WriteAllTextAsync(file, page.ToString());
Console.Error.WriteLine(Path.GetFullPath(file));
return 0;
