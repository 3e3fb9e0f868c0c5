using System.Runtime.InteropServices;
using TorchSharp;

namespace GoEmotions.Onnx.Parity.Tests.Encoders;

/// <summary>
/// Makes TorchSharp's native library loadable before TorchSharp is first touched. It was linked against GCC 13's libstdc++; where
/// the system's is older (Debian 12), its copy in the program's output folder is edited once, see <see cref="ElfEdit"/>.
/// </summary>
internal static class TorchLoader
{
    private static readonly Lazy<string?> Reason = new(Prepare);

    /// <summary>Why PyTorch cannot be loaded; null when it is.</summary>
    public static string? WhyNot => Reason.Value;

    private static string? Prepare()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return "its native libraries are referenced for Linux x64 alone";
        }

        string folder = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        string path = Path.Combine(folder, "libLibTorchSharp.so");
        if (!File.Exists(path))
        {
            return $"{path} is not there";
        }

        try
        {
            if (!NativeLibrary.TryLoad(path, out _))
            {
                ElfEdit.ReplaceMissingSymbol(path, "_ZSt21ios_base_library_initv", "GLIBCXX_3.4.32", "_ZNSt6chrono3_V212steady_clock3nowEv");
                NativeLibrary.Load(path);
            }

            torch.set_num_threads(1);
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or InvalidDataException or IOException or TypeInitializationException or NotSupportedException)
        {
            return error.Message;
        }
    }
}
