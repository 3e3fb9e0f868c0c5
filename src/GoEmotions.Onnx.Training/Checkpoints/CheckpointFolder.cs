using System.Globalization;

namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>
/// The checkpoints of one training: <c>step-00000120.safetensors</c>, of which the newest are kept. A file has its name only when it is whole
/// and on the disk. Holds the folder for itself until disposed; not thread-safe.
/// </summary>
public sealed class CheckpointFolder : IDisposable
{
    private const string Prefix = "step-";
    private const string Extension = ".safetensors";
    private const string LockName = ".lock";

    private readonly FileStream _lock;

    private CheckpointFolder(string path, int keep, FileStream folderLock)
    {
        Path = path;
        Keep = keep;
        _lock = folderLock;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>How many checkpoints are kept.</summary>
    public int Keep { get; }

    /// <summary>The checkpoint files, the newest first.</summary>
    public IReadOnlyList<string> Files => [.. Steps().OrderDescending().Select(PathOf)];

    /// <summary>What stands between the checkpoint and its file, so that tests can make the disk full.</summary>
    internal Func<Stream, Stream> Wrap { get; init; } = stream => stream;

    /// <summary>Opens a folder, makes it where there is none, and removes what killed processes left half-written.</summary>
    /// <param name="path">The folder; it holds nothing but checkpoints.</param>
    /// <param name="keep">How many checkpoints are kept. While one is written, the disk holds one more.</param>
    /// <returns>The folder; the caller disposes it.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty, or <paramref name="keep"/> is less than 1.</exception>
    /// <exception cref="IOException">The folder cannot be made or written to, or another process has it open.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public static CheckpointFolder Open(string path, int keep = 2) => Open(path, keep, null);

    internal static CheckpointFolder Open(string path, int keep, Func<Stream, Stream>? wrap)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        string full = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(full);
        FileStream folderLock = Lock(full);
        var folder = new CheckpointFolder(full, keep, folderLock) { Wrap = wrap ?? (stream => stream) };
        foreach (string left in Directory.EnumerateFiles(full, $"{Prefix}*{Extension}.*.tmp"))
        {
            File.Delete(left);
        }

        return folder;
    }

    /// <summary>
    /// Opens the newest checkpoint that is whole. A damaged one is passed over, with a note: since a resume is exact from any
    /// checkpoint, an earlier one costs time and nothing else.
    /// </summary>
    /// <param name="notes">A line for each file passed over, with the reason.</param>
    /// <returns>The checkpoint, which the caller disposes, or <see langword="null"/> when the folder has none.</returns>
    /// <exception cref="InvalidDataException">There are checkpoints, and all of them are damaged.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public TrainingCheckpoint? OpenLatest(out IReadOnlyList<string> notes)
    {
        var passedOver = new List<string>();
        notes = passedOver;
        foreach (string file in Files)
        {
            try
            {
                return TrainingCheckpoint.Open(file);
            }
            catch (InvalidDataException error)
            {
                passedOver.Add($"{error.Message} Passed over.");
            }
        }

        return passedOver.Count == 0 ? null : Throw.InvalidData<TrainingCheckpoint>($"{Path} holds no checkpoint that is whole. {string.Join(' ', passedOver)}");
    }

    /// <summary>Releases the folder. The checkpoints stay.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>Writes a checkpoint, whole or not at all, and then removes those that are no longer kept.</summary>
    /// <param name="stepNumber">The step that it stands at.</param>
    /// <param name="write">Writes it.</param>
    /// <returns>Its file.</returns>
    internal string Save(int stepNumber, Action<Stream> write)
    {
        ObjectDisposedException.ThrowIf(!_lock.CanWrite, this);
        string path = PathOf(stepNumber);
        try
        {
            AtomicFile.Write(path, file => write(Wrap(file)));
            DirectoryFlush.Flush(Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string intact = Files.Count == 0 ? "There is no earlier one" : $"The checkpoint before it is intact: {Files[0]}";
            throw new IOException($"{path}: the checkpoint of step {stepNumber} could not be written: {error.Message.TrimEnd('.')}. {intact}. Make room or choose another folder, then resume.", error);
        }

        Prune(stepNumber);
        return path;
    }

    // Files of later steps are damaged ones that were passed over, or of a continuation that was given up.
    private void Prune(int stepNumber)
    {
        int[] steps = [.. Steps().OrderDescending()];
        foreach (int step in steps.Where(step => step > stepNumber).Concat(steps.Where(step => step <= stepNumber).Skip(Keep)))
        {
            File.Delete(PathOf(step));
        }
    }

    private string PathOf(int stepNumber) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{stepNumber:D8}{Extension}"));

    private List<int> Steps()
    {
        var steps = new List<int>();
        foreach (string file in Directory.EnumerateFiles(Path, $"{Prefix}*{Extension}"))
        {
            string name = System.IO.Path.GetFileName(file);
            if (int.TryParse(name.AsSpan()[Prefix.Length..^Extension.Length], NumberStyles.None, CultureInfo.InvariantCulture, out int step) && PathOf(step) == file)
            {
                steps.Add(step);
            }
        }

        return steps;
    }

    private static FileStream Lock(string folder)
    {
        string path = System.IO.Path.Combine(folder, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new IOException($"{folder} is in use by another training ({error.Message.TrimEnd('.')}). Wait for its end, or choose another folder.", error);
        }
    }
}
