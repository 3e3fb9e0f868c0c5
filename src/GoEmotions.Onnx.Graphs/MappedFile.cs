using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace GoEmotions.Onnx.Graphs;

/// <summary>A file mapped into memory for reading. Owns the mapping; no span outlives it.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private byte* _start;

    private MappedFile(MemoryMappedFile? file, MemoryMappedViewAccessor? view, long length)
    {
        _file = file;
        _view = view;
        Length = length;
        _view?.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The size of the file in bytes.</summary>
    public long Length { get; }

    public static MappedFile Open(string path, string kind)
    {
        if (Directory.Exists(path))
        {
            Throw.InvalidData($"{path} is a folder, expected {kind}.");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist, expected {kind}. Check the path.", path);
        }

        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        long length = RandomAccess.GetLength(handle);
        if (length == 0)
        {
            Throw.InvalidData($"{path} is empty (0 bytes), expected {kind}. Write or download it again.");
        }

        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            return new MappedFile(file, view, length);
        }
        catch
        {
            view?.Dispose();
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Some bytes of the file; the caller has checked that they are within it.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new ReadOnlySpan<byte>(_start + offset, count);
    }

    public void Dispose()
    {
        if (_start is not null)
        {
            _start = null;
            _view!.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }
    }
}
