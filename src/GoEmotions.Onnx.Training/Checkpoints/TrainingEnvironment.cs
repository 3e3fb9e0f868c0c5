using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>What may change the last bits of a training's numbers, but not what it learns: noted when it changes at a resume, not refused.</summary>
internal static class TrainingEnvironment
{
    public static IReadOnlyDictionary<string, string> Of(int threads) => new Dictionary<string, string>
    {
        ["threads"] = threads.ToString(CultureInfo.InvariantCulture),
        ["ONNX Runtime"] = OrtEnv.Instance().GetVersionString(),
        [".NET"] = Environment.Version.ToString(),
        ["processor"] = string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.ProcessArchitecture} with vectors of {Vector<byte>.Count * 8} bits"),
    };

    /// <summary>A note for each thing that differs.</summary>
    public static IReadOnlyList<string> Notes(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now) =>
        [.. now.Where(entry => before.GetValueOrDefault(entry.Key) != entry.Value).Select(entry =>
            $"{entry.Key}: {before.GetValueOrDefault(entry.Key) ?? "unknown"} when the checkpoint was written, {entry.Value} now. The result may differ in its last bits from that of a training without a break.")];
}
