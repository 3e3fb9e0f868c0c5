using System.Globalization;
using System.Text.RegularExpressions;
using GoEmotions.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>ONNX Runtime's CUDA provider, or one clear error where it cannot be had. It never falls back to the processor.</summary>
internal static partial class CudaProvider
{
    private const string Name = "CUDAExecutionProvider";

    private const string Requirements = "Expected an NVIDIA driver, CUDA 13.x (12.x for a build of ONNX Runtime against it) and cuDNN 9.x, their libraries where the loader finds them (LD_LIBRARY_PATH, on Windows PATH)";

    private const string Remedy = "Use --device cpu to train on the processor.";

    /// <summary>Whether this program's ONNX Runtime has the provider; whether a GPU and its libraries are there shows when it is opened.</summary>
    public static bool IsBuiltIn
    {
        get
        {
            RuntimeTelemetry.Disable();
            return OrtEnv.Instance().GetAvailableProviders().Contains(Name);
        }
    }

    /// <summary>Opens a GPU.</summary>
    /// <exception cref="InvalidOperationException">The provider, one of its libraries or the GPU is not there; the message says which.</exception>
    public static SessionDevice Open(int index)
    {
        if (!IsBuiltIn)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"the device cuda:{index} was asked for, but this program's ONNX Runtime {OrtEnv.Instance().GetVersionString()} is built for the processor alone, expected one with the CUDA provider. Build with -p:OnnxRuntimeFlavor=Gpu (package Microsoft.ML.OnnxRuntime.Gpu). {Remedy}"));
        }

        try
        {
            return SessionDevice.OpenCuda(index, options => Append(options, index));
        }
        catch (Exception error) when (error is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw new InvalidOperationException(Describe(index, error.Message), error);
        }
    }

    /// <summary>What a failure of ONNX Runtime to open the provider means and how it is mended, in one line.</summary>
    internal static string Describe(int index, string message)
    {
        string version = OrtEnv.Instance().GetVersionString();
        string device = string.Create(CultureInfo.InvariantCulture, $"cuda:{index}");
        Match library = MissingLibrary().Match(message);
        if (library.Success)
        {
            string name = library.Groups["name"].Value;
            return $"{device}: the CUDA provider of ONNX Runtime {version} cannot be loaded, because the library {name}{VersionOf(name)} is missing or of another version. {Requirements}. {Remedy}";
        }

        if (message.Contains("invalid device ordinal", StringComparison.OrdinalIgnoreCase))
        {
            return $"{device}: there is no GPU of the number {index.ToString(CultureInfo.InvariantCulture)} (CUDA counts from 0, and only those in CUDA_VISIBLE_DEVICES). Use another number, or: {Remedy}";
        }

        if (message.Contains("no CUDA-capable device", StringComparison.OrdinalIgnoreCase))
        {
            return $"{device}: CUDA finds no GPU. Is it there, is its driver loaded (nvidia-smi), and does CUDA_VISIBLE_DEVICES leave it visible? {Remedy}";
        }

        string reason = message.ReplaceLineEndings(" ").Trim();
        return message.Contains("driver version is insufficient", StringComparison.OrdinalIgnoreCase)
            ? $"{device}: the NVIDIA driver is older than the CUDA libraries of ONNX Runtime {version} need. Update the driver. {Remedy} ({reason})"
            : $"{device}: the CUDA provider of ONNX Runtime {version} cannot be used: {reason} {Requirements}. {Remedy}";
    }

    private static void Append(SessionOptions options, int index)
    {
        // The options come first: when the provider's library cannot be loaded, only their error names what is missing.
        using var provider = new OrtCUDAProviderOptions();
        provider.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = index.ToString(CultureInfo.InvariantCulture),
            ["use_tf32"] = "1",

            // Blocks are allocated once and are as large as they will ever be; growth by powers of two would double them.
            ["arena_extend_strategy"] = "kSameAsRequested",
        });
        options.AppendExecutionProvider_CUDA(provider);
    }

    // Libraries bear the major version in their names: libcublasLt.so.13, cublasLt64_13.dll.
    private static string VersionOf(string library)
    {
        Match version = LibraryVersion().Match(library);
        if (!version.Success)
        {
            return "";
        }

        string number = version.Groups["unix"].Success ? version.Groups["unix"].Value : version.Groups["windows"].Value;
        return library.Contains("cudnn", StringComparison.OrdinalIgnoreCase) ? $" (cuDNN {number}.x)"
            : library.Contains("cublas", StringComparison.OrdinalIgnoreCase) || library.Contains("cudart", StringComparison.OrdinalIgnoreCase) ? $" (CUDA {number}.x)"
            : $" (version {number})";
    }

    // The loader's message on Linux, and ONNX Runtime's on Windows.
    [GeneratedRegex("""(?<name>[\w.+-]+\.so[\w.]*): cannot open shared object file|depends on "(?<name>[^"]+)" which is missing""")]
    private static partial Regex MissingLibrary();

    [GeneratedRegex(@"\.so\.(?<unix>\d+)|64_(?<windows>\d+)\.dll")]
    private static partial Regex LibraryVersion();
}
