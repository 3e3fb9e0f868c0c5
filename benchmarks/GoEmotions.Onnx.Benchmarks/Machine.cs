using System.Globalization;

namespace GoEmotions.Onnx.Benchmarks;

/// <summary>What the figures depend on.</summary>
internal static class Machine
{
    private const string CpuInfo = "/proc/cpuinfo";
    private const string LoadAverageFile = "/proc/loadavg";

    /// <summary>The load average of the last minute, now.</summary>
    public static string LoadAverage() => File.Exists(LoadAverageFile) ? File.ReadAllText(LoadAverageFile).Split(' ')[0] : "unknown";

    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Field("model name")} (family {Field("cpu family")} model {Field("model")}), {Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}");

    /// <summary>The folder of this processor's results.</summary>
    public static string FolderName()
    {
        string name = string.Join('-', Field("model name").ToLowerInvariant().Split([' ', '(', ')', '@', '.'], StringSplitOptions.RemoveEmptyEntries));
        return name.StartsWith("amd", StringComparison.Ordinal) && Field("cpu family") == "26" ? $"{name}-zen5" : name;
    }

    private static string Field(string name)
    {
        string? line = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.Split(':')[0].Trim() == name) : null;
        return line?.Split(':')[1].Trim() ?? "unknown";
    }
}
