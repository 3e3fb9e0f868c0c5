using System.Globalization;
using GoEmotions.Onnx.Training.Monitoring.Protobuf;
using Google.Protobuf;

namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary>An event file that TensorBoard reads: named scalars by step. Not thread-safe.</summary>
internal sealed class TensorBoardFile : IDisposable
{
    /// <summary>What the names of all event files begin with.</summary>
    public const string NamePrefix = "events.out.tfevents.";

    private const string Version = "brain.Event:2";

    private readonly FileStream _stream;
    private readonly TimeProvider _time;

    private TensorBoardFile(FileStream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
    }

    /// <summary>Begins a new file in a folder; TensorBoard shows all files of a folder as one run.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="resumedAtStep">The optimizer steps that earlier files of the folder keep: what they hold of later steps is declared void.</param>
    /// <param name="time">The clock.</param>
    public static TensorBoardFile Create(string folder, int? resumedAtStep, TimeProvider time)
    {
        // The time comes first, since TensorBoard reads the files in the order of their names.
        string name = string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0:0000000000.000}.goemotions.{Environment.ProcessId}");
        var file = new TensorBoardFile(new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read), time);
        file.Write(new Event { FileVersion = Version });
        if (resumedAtStep is int step)
        {
            file.Write(new Event { Step = step + 1, SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } });
        }

        return file;
    }

    /// <summary>Writes the values that belong to a step, and hands them to the system, so that a watching TensorBoard sees them.</summary>
    public void WriteScalars(long step, params ReadOnlySpan<(string Tag, double? Value)> scalars)
    {
        var summary = new Summary();
        foreach ((string tag, double? value) in scalars)
        {
            if (value is double known)
            {
                summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)known });
            }
        }

        Write(new Event { Step = step, Summary = summary });
    }

    public void Dispose() => _stream.Dispose();

    private void Write(Event entry)
    {
        entry.WallTime = _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        RecordFraming.Write(_stream, entry.ToByteArray());
        _stream.Flush();
    }
}
