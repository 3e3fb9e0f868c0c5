using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Sessions;

/// <summary>
/// The few functions of ONNX Runtime's C API that a run needs, called by their pointers. What Microsoft.ML.OnnxRuntime.Managed
/// offers for the same allocates 72 bytes for each view of a tensor and 251 for a run; this allocates nothing, for any shape.
/// </summary>
/// <remarks>
/// The API is a table that only ever grows at its end: an index, once published in <c>onnxruntime_c_api.h</c>, keeps its meaning.
/// All that stands here is from version 1 of the table; it was run on 1.31.1. Environments, session options and
/// memory descriptions stay with the managed package, whose safe handles are public.
/// </remarks>
internal static unsafe partial class RuntimeApi
{
    /// <summary>Float tensors: ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT.</summary>
    public const int FloatType = 1;

    /// <summary>Int64 tensors: ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64.</summary>
    public const int Int64Type = 7;

    private const uint ApiVersion = 14;
    private const int GetErrorMessageIndex = 2;
    private const int CreateSessionIndex = 7;
    private const int CreateSessionFromArrayIndex = 8;
    private const int RunIndex = 9;
    private const int CreateTensorIndex = 49;
    private const int ReleaseStatusIndex = 93;
    private const int ReleaseSessionIndex = 95;
    private const int ReleaseValueIndex = 96;

    // After the managed package, so that both are served by the library that it chose.
    private static readonly nint Environment = OrtEnv.Instance().DangerousGetHandle();
    private static readonly nint* Table = LoadTable();
    private static readonly nint CpuMemory = OrtMemoryInfo.DefaultInstance.DangerousGetHandle();

    /// <summary>Opens a session on a file.</summary>
    /// <exception cref="InvalidDataException">ONNX Runtime refuses the model.</exception>
    public static nint CreateSession(string modelFile, SessionOptions options, string source)
    {
        nint session;
        byte* utf8 = null;
        try
        {
            // ORTCHAR_T is wchar_t on Windows and char elsewhere.
            fixed (char* utf16 = modelFile)
            {
                utf8 = OperatingSystem.IsWindows() ? null : Utf8StringMarshaller.ConvertToUnmanaged(modelFile);
                void* path = utf8 is null ? utf16 : utf8;
                Check(((delegate* unmanaged<nint, void*, nint, nint*, nint>)Table[CreateSessionIndex])(Environment, path, options.DangerousGetHandle(), &session), source);
            }
        }
        finally
        {
            Utf8StringMarshaller.Free(utf8);
        }

        return session;
    }

    /// <summary>Opens a session on a model in memory, which is copied.</summary>
    /// <exception cref="InvalidDataException">ONNX Runtime refuses the model.</exception>
    public static nint CreateSession(ReadOnlySpan<byte> model, SessionOptions options, string source)
    {
        nint session;
        fixed (byte* bytes = model)
        {
            Check(((delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)Table[CreateSessionFromArrayIndex])(Environment, bytes, (nuint)model.Length, options.DangerousGetHandle(), &session), source);
        }

        return session;
    }

    /// <summary>Makes a tensor over memory of the caller, who keeps it until the tensor is released.</summary>
    /// <returns>A status, zero for success.</returns>
    public static nint CreateTensor(nint address, long sizeInBytes, long* shape, int rank, int elementType, nint* value) =>
        ((delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)Table[CreateTensorIndex])(CpuMemory, (void*)address, (nuint)sizeInBytes, shape, (nuint)rank, elementType, value);

    /// <summary>Runs a session.</summary>
    /// <returns>A status, zero for success.</returns>
    public static nint Run(nint session, byte** inputNames, nint* inputs, int inputCount, byte** outputName, nint* output) =>
        ((delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)Table[RunIndex])(session, 0, inputNames, inputs, (nuint)inputCount, outputName, 1, output);

    /// <summary>Releases a tensor.</summary>
    public static void ReleaseValue(nint value) => ((delegate* unmanaged<nint, void>)Table[ReleaseValueIndex])(value);

    /// <summary>Closes a session.</summary>
    public static void ReleaseSession(nint session) => ((delegate* unmanaged<nint, void>)Table[ReleaseSessionIndex])(session);

    /// <summary>Takes the message of a status that is no success, and releases the status.</summary>
    public static string TakeMessage(nint status)
    {
        string message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Table[GetErrorMessageIndex])(status)) ?? "no message";
        ((delegate* unmanaged<nint, void>)Table[ReleaseStatusIndex])(status);
        return message.ReplaceLineEndings(" ");
    }

    private static void Check(nint status, string source)
    {
        if (status != 0)
        {
            Throw.InvalidData($"{source}: ONNX Runtime refuses the model: {TakeMessage(status)}");
        }
    }

    private static nint* LoadTable()
    {
        // struct OrtApiBase { const OrtApi* (*GetApi)(uint32_t version); const char* (*GetVersionString)(void); }
        nint* apiBase = OrtGetApiBase();
        nint table = ((delegate* unmanaged<uint, nint>)apiBase[0])(ApiVersion);
        if (table == 0)
        {
            string version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)apiBase[1])()) ?? "unknown";
            throw new DllNotFoundException($"the native ONNX Runtime library is of version {version}, expected 1.{ApiVersion} or later.");
        }

        return (nint*)table;
    }

    [LibraryImport("onnxruntime")]
    private static partial nint* OrtGetApiBase();
}
