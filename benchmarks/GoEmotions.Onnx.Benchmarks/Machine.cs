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
        return name.StartsWith("amd", StringComparison.Ordinal) ? name + Generation() : name;
    }

    // "AMD EPYC" is all that virtual machines say of it. Family 25 is Zen 3 up to model 15, and Zen 4 above (Genoa is 17).
    private static string Generation() => Field("cpu family") switch
    {
        "26" => "-zen5",
        "25" => int.TryParse(Field("model"), CultureInfo.InvariantCulture, out int model) && model > 15 ? "-zen4" : "-zen3",
        _ => "",
    };

    private static string Field(string name)
    {
        string? line = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.Split(':')[0].Trim() == name) : null;
        return line?.Split(':')[1].Trim() ?? "unknown";
    }
}
