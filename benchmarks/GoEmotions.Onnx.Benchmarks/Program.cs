using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using GoEmotions.Onnx.Benchmarks;
using GoEmotions.Onnx.Benchmarks.Results;
using GoEmotions.Onnx.Benchmarks.Serving;

switch (args)
{
    case ["serving-graphs", .. string[] rest]:
        ServingGraphMeasurement.Run(rest);
        return 0;
    case ["serving", .. string[] rest]:
        return ServingMeasurement.Run(rest);
    case ["guard"]:
        return Guard.Run();
    case ["readme"]:
        string readme = Path.Combine(BenchmarkFiles.RepositoryRoot, "README.md");
        File.WriteAllText(readme, ReadmeTable.Update(File.ReadAllText(readme), Path.Combine(BenchmarkFiles.RepositoryRoot, "benchmarks", "results")));
        return 0;
    default:
        // Without this, a benchmark that cannot even be built would end like one that ran.
        Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args)];
        return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
}
