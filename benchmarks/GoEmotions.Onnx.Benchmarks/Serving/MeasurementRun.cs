using System.Globalization;
using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Benchmarks.Results;
using GoEmotions.Onnx.Graphs.Encoders;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>One part of the measurement while it runs: what it measures with, and the figures so far.</summary>
internal sealed class MeasurementRun
{
    public MeasurementRun(BenchmarkTexts texts, bool isQuick)
    {
        IsQuick = isQuick;
        Texts = texts;
        Part = new ServingPart
        {
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Machine = Machine.Describe(),
            Runtime = $".NET {Environment.Version}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}",
            Threads = Threads,
            LoadAverage = Machine.LoadAverage(),
            Texts = texts.Description,
        };
    }

    /// <summary>The threads of every side.</summary>
    public static int Threads => Environment.ProcessorCount;

    /// <summary>Whether it only tries the program: few texts, few rounds.</summary>
    public bool IsQuick { get; }

    public BenchmarkTexts Texts { get; }

    public ServingPart Part { get; }

    /// <summary>The models with the number of texts that their bulk runs have, and the rounds of everything.</summary>
    public IEnumerable<(BenchmarkModel Model, int BulkTexts, int Rounds)> Models()
    {
        yield return (new BenchmarkModel(EncoderSize.Small, Texts), IsQuick ? 64 : 1024, IsQuick ? 1 : 3);
        yield return (new BenchmarkModel(EncoderSize.Base, Texts), IsQuick ? 16 : 256, IsQuick ? 1 : 3);
    }

    /// <summary>Notes a figure, to five digits, and shows it.</summary>
    public void Add(string model, string side, string quantity, double value)
    {
        string name = $"{model}/{side}/{quantity}";
        double rounded = double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        Part.Figures[name] = rounded;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {rounded}"));
    }

    public double Figure(string model, string side, string quantity) => Part.Figures[$"{model}/{side}/{quantity}"];
}
