using System.Runtime.InteropServices;

namespace GoEmotions.Onnx.Sessions;

/// <summary>
/// Keeps ONNX Runtime's own telemetry off: since 1.31 its Linux build too writes a device id under the user's home and sends
/// usage events. Whoever wants it sets <c>ORT_DISABLE_TELEMETRY=0</c> before the process starts.
/// </summary>
internal static partial class RuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Must run before the native library is touched, which reads the variable once.</summary>
    public static void Disable()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
        {
            return;
        }

        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            // .NET keeps an environment of its own on Unix, which native code does not see.
            _ = SetEnvironmentVariable(Variable, "1", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
