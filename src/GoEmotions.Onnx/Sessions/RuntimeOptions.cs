using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Sessions;

/// <summary>The options of a classifier in ONNX Runtime's words.</summary>
internal static class RuntimeOptions
{
    /// <summary>Makes session options; the caller disposes of them.</summary>
    /// <exception cref="InvalidOperationException">The execution provider cannot be had.</exception>
    public static SessionOptions Create(EmotionClassifierOptions options)
    {
        var session = new SessionOptions();
        try
        {
            session.IntraOpNumThreads = options.ResolveIntraOpThreads();
            session.InterOpNumThreads = 1;
            session.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;

            // Batches come in many shapes, and a pattern is kept for each: memory without end, for no time that could be measured.
            session.EnableMemoryPattern = false;
            session.AddSessionConfigEntry("session.intra_op.allow_spinning", options.AllowSpinning ? "1" : "0");
            if (options.ExecutionProvider == ExecutionProvider.Cuda)
            {
                AppendCuda(session, options);
            }

            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void AppendCuda(SessionOptions session, EmotionClassifierOptions options)
    {
        try
        {
            using var cuda = new OrtCUDAProviderOptions();
            var settings = new Dictionary<string, string>
            {
                ["device_id"] = options.CudaDevice.ToString(CultureInfo.InvariantCulture),

                // An arena that doubles takes up to twice the memory of the largest run.
                ["arena_extend_strategy"] = "kSameAsRequested",
            };
            if (options.CudaMemoryLimitInBytes is long limit)
            {
                settings["gpu_mem_limit"] = limit.ToString(CultureInfo.InvariantCulture);
            }

            cuda.UpdateOptions(settings);
            session.AppendExecutionProvider_CUDA(cuda);
        }
        catch (Exception error) when (error is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new InvalidOperationException(
                $"ONNX Runtime has no CUDA here: {error.Message.ReplaceLineEndings(" ")} Expected the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime (it brings {CudaLibrary}), and on this machine the CUDA runtime, cuBLAS and cuDNN that it names; or set ExecutionProvider to Cpu.",
                error);
        }
    }

    private static string CudaLibrary => OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
}
