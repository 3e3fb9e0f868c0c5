using System.Diagnostics;
using System.Globalization;

namespace GoEmotions.Onnx.Graphs;

/// <summary>
/// A directory that is written beside its destination and takes its place in one step, so that nobody ever sees a
/// half-written one: <see cref="Commit"/> renames it; disposing without a commit removes what was written.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class StagedDirectory : IDisposable
{
    private readonly string _destination;
    private bool _finished;

    private StagedDirectory(string destination, string path)
    {
        _destination = destination;
        Path = path;
    }

    /// <summary>Where to write: an empty directory beside the destination.</summary>
    public string Path { get; }

    /// <summary>Prepares to write a directory.</summary>
    /// <param name="destination">The directory to make.</param>
    /// <param name="replaceableNames">
    /// <see langword="null"/> refuses a destination that exists and is not empty. Otherwise it is replaced, but only when
    /// all its entries bear one of these names, so that a wrong path costs nobody a file.
    /// </param>
    /// <returns>The staged directory; the caller commits and disposes of it.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is null or empty.</exception>
    /// <exception cref="IOException">The destination exists and may not be replaced, or its parent cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The parent directory cannot be written to.</exception>
    public static StagedDirectory Create(string destination, IReadOnlySet<string>? replaceableNames = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(destination);
        CheckReplaceable(destination, replaceableNames);
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(destination));
        string? parent = System.IO.Path.GetDirectoryName(full)
            ?? throw new IOException($"{destination} is the root of a file system, expected a directory to write. Choose another path.");
        RequireNoFileAbove(destination, parent);
        Directory.CreateDirectory(parent);
        RemoveWhatEndedProcessesLeft(full, parent);
        string staged = Beside(full, "partial");
        Directory.CreateDirectory(staged);
        return new StagedDirectory(full, staged);
    }

    /// <summary>Throws where <see cref="Create"/> would refuse a destination, so that a caller can ask before the work is done.</summary>
    /// <param name="destination">The directory to make.</param>
    /// <param name="replaceableNames">As for <see cref="Create"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is null or empty.</exception>
    /// <exception cref="IOException">The destination is a file, or exists and may not be replaced.</exception>
    public static void CheckReplaceable(string destination, IReadOnlySet<string>? replaceableNames = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(destination);
        if (File.Exists(destination))
        {
            throw new IOException($"{destination} is a file, expected a directory to write. Choose another path.");
        }

        if (!Directory.Exists(destination))
        {
            return;
        }

        foreach (string entry in Directory.EnumerateFileSystemEntries(destination))
        {
            if (replaceableNames is null)
            {
                throw new IOException($"{destination} exists and is not empty. Choose another directory, or allow to replace it (--force).");
            }

            if (!replaceableNames.Contains(System.IO.Path.GetFileName(entry)))
            {
                throw new IOException(
                    $"{destination} holds '{System.IO.Path.GetFileName(entry)}', which would be lost. Move it away, delete the directory, or choose another.");
            }
        }
    }

    /// <summary>Puts the written directory in its place.</summary>
    /// <exception cref="IOException">The directory cannot be moved; a directory that it was to replace is still there.</exception>
    /// <exception cref="InvalidOperationException">It is committed or disposed of already.</exception>
    public void Commit()
    {
        if (_finished)
        {
            throw new InvalidOperationException($"{_destination} is committed or disposed of already.");
        }

        string? replaced = null;
        if (Directory.Exists(_destination))
        {
            replaced = Beside(_destination, "replaced");
            Directory.Move(_destination, replaced);
        }

        try
        {
            Directory.Move(Path, _destination);
        }
        catch when (replaced is not null)
        {
            Directory.Move(replaced, _destination);
            throw;
        }

        _finished = true;
        if (replaced is not null)
        {
            Directory.Delete(replaced, recursive: true);
        }
    }

    /// <summary>Removes what was written, unless it was committed.</summary>
    public void Dispose()
    {
        if (!_finished && Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }

        _finished = true;
    }

    private static void RequireNoFileAbove(string destination, string parent)
    {
        for (string? above = parent; above is not null; above = System.IO.Path.GetDirectoryName(above))
        {
            if (File.Exists(above))
            {
                throw new IOException($"{destination} is to be written, but {above} is a file, expected a directory. Choose another path.");
            }
        }
    }

    private static string Beside(string path, string purpose) => System.IO.Path.Combine(
        System.IO.Path.GetDirectoryName(path)!,
        $".{System.IO.Path.GetFileName(path)}.{purpose}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}");

    // A process that was killed leaves its half-written directory; the next one that writes to the same place removes it.
    private static void RemoveWhatEndedProcessesLeft(string path, string parent)
    {
        string prefix = $".{System.IO.Path.GetFileName(path)}.partial-";
        foreach (string left in Directory.EnumerateDirectories(parent, prefix + "*"))
        {
            string rest = System.IO.Path.GetFileName(left)[prefix.Length..];
            if (int.TryParse(rest.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int processId) && !IsRunning(processId))
            {
                Directory.Delete(left, recursive: true);
            }
        }
    }

    private static bool IsRunning(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
