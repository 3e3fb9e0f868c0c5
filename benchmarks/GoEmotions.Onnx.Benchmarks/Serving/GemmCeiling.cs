using System.Diagnostics;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Protobuf;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>The product of 512x768 and 768x3072 alone: what a graph's arithmetic can at most reach.</summary>
internal sealed class GemmCeiling : IDisposable
{
    private const int Rows = 512, Inner = 768, Columns = 3072;

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly OrtValue _input;

    public GemmCeiling(bool int8, int threads)
    {
        var random = new Random(1);
        var builder = new GraphBuilder("gemm");
        GraphValue product;
        if (int8)
        {
            sbyte[] codes = [.. Enumerable.Range(0, Inner * Columns).Select(_ => (sbyte)random.Next(-64, 65))];
            product = builder.Node(
                GraphBuilder.MicrosoftDomain,
                "MatMulIntegerToFloat",
                [builder.Input("x", ElementType.UInt8, [Rows, Inner]), builder.Constant<sbyte>(codes, Inner, Columns), builder.Scalar(0.01f), builder.Constant<float>(Enumerable.Repeat(0.01f, Columns).ToArray(), Columns), builder.Scalar((byte)128)],
                1)[0];
            _input = OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, Rows * Inner).Select(_ => (byte)random.Next(256)).ToArray(), [Rows, Inner]);
        }
        else
        {
            product = builder.Node("MatMul", [builder.Input("x", ElementType.Float32, [Rows, Inner]), builder.Constant<float>(Enumerable.Range(0, Inner * Columns).Select(_ => random.NextSingle()).ToArray(), Inner, Columns)]);
            _input = OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, Rows * Inner).Select(_ => random.NextSingle()).ToArray(), [Rows, Inner]);
        }

        builder.Output(product, "y");
        ModelProto model = builder.ToModel();
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        _session = new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>The median rate of some runs, in operations (a multiplication or an addition) per second.</summary>
    public double Measure(int runs)
    {
        var seconds = new double[runs];
        for (int run = -3; run < runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_runOptions, ["x"], [_input], ["y"]);
            if (run >= 0)
            {
                seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        Array.Sort(seconds);
        return 2.0 * Rows * Inner * Columns / seconds[runs / 2];
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
        _input.Dispose();
    }
}
