using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>Makes a rename last through a power cut: on Unix, the directory must reach the disk as well as the file.</summary>
internal static class DirectoryFlush
{
    private const int ReadOnly = 0;

    /// <summary>Flushes a directory's entries. Does nothing on Windows, whose file systems log renames themselves.</summary>
    /// <exception cref="IOException">The directory cannot be opened or flushed.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // File.OpenHandle refuses directories.
        int descriptor = Open(Encoding.UTF8.GetBytes(path + '\0'), ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"{path} cannot be opened to flush it: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
