using BenchmarkDotNet.Running;
using GoEmotions.Onnx.Benchmarks.Serving;

if (args is ["serving-graphs", .. string[] rest])
{
    ServingGraphMeasurement.Run(rest);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
