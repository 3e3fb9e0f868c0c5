namespace GoEmotions.Onnx.Graphs;

/// <summary>
/// A folder that is filled beside its place and renamed to it by <see cref="Commit"/>, so that a half-written one is never seen.
/// Disposing it without a commit removes what was written. Not thread-safe.
/// </summary>
public sealed class StagedDirectory : IDisposable
{
    private readonly string _target;
    private bool _finished;

    private StagedDirectory(string target, string path)
    {
        _target = target;
        FolderPath = path;
    }

    /// <summary>Where to write: an empty folder beside the target.</summary>
    public string FolderPath { get; }

    /// <summary>Starts to fill a folder.</summary>
    /// <param name="target">The folder to make. It must not exist, or be empty.</param>
    /// <returns>The staged folder.</returns>
    /// <exception cref="ArgumentException"><paramref name="target"/> is null or empty.</exception>
    /// <exception cref="IOException">The target is a file or holds something, or its parent cannot be written.</exception>
    public static StagedDirectory Create(string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        RequireFree(full);
        string path = AtomicFile.TemporaryName(full);
        Directory.CreateDirectory(path);
        return new StagedDirectory(full, path);
    }

    /// <summary>Renames the filled folder to its place.</summary>
    /// <exception cref="IOException">The target has come into being meanwhile, or cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The folder was committed or disposed already.</exception>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        RequireFree(_target);
        if (Directory.Exists(_target))
        {
            Directory.Delete(_target);
        }

        Directory.Move(FolderPath, _target);
        _finished = true;
    }

    /// <summary>Removes what was written, unless it was committed.</summary>
    public void Dispose()
    {
        if (!_finished)
        {
            _finished = true;
            Directory.Delete(FolderPath, recursive: true);
        }
    }

    private static void RequireFree(string target)
    {
        if (File.Exists(target))
        {
            throw new IOException($"{target} is a file, expected a folder or nothing there. Choose another folder.");
        }

        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
        {
            throw new IOException($"{target} holds files already, expected an empty folder or none. Choose another folder or remove it.");
        }
    }
}
