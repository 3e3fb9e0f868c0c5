using System.Buffers;
using System.Text;
using System.Text.Json;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary><c>metrics.jsonl</c> while it is written: each line is handed to the system at once. Not thread-safe.</summary>
internal sealed class MetricsFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _writer = new(Stream.Null);

    private MetricsFile(FileStream stream) => _stream = stream;

    /// <summary>Opens the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="resumedAtStep">Null for a new file; otherwise lines of later steps than this are cut off, and new ones follow.</param>
    public static MetricsFile Open(string path, int? resumedAtStep)
    {
        if (resumedAtStep is int step && File.Exists(path))
        {
            CutBack(path, step);
            return new MetricsFile(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read));
        }

        return new MetricsFile(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read));
    }

    /// <summary>The lines that are finished: a process that was killed may leave half of one.</summary>
    public static IEnumerable<string> ReadLines(string path)
    {
        string text = File.ReadAllText(path, Encoding.UTF8);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Write(TrainingPoint point) => WriteLine(writer => MetricsLine.Write(writer, point));

    public void Write(EvaluationRecord record, EvaluationResult result) => WriteLine(writer => MetricsLine.Write(writer, record, result));

    public void Dispose()
    {
        _writer.Dispose();
        _stream.Dispose();
    }

    private static void CutBack(string path, int lastStep)
    {
        string[] lines = [.. ReadLines(path)];
        var kept = new StringBuilder();
        for (int index = 0; index < lines.Length; index++)
        {
            if (MetricsLine.Parse(lines[index], path, index + 1).StepNumber <= lastStep)
            {
                kept.Append(lines[index]).Append('\n');
            }
        }

        byte[] content = Encoding.UTF8.GetBytes(kept.ToString());
        AtomicFile.Write(path, stream => stream.Write(content));
    }

    private void WriteLine(Action<Utf8JsonWriter> write)
    {
        _line.ResetWrittenCount();
        _writer.Reset(_line);
        write(_writer);
        _writer.Flush();
        _line.Write("\n"u8);
        _stream.Write(_line.WrittenSpan);
        _stream.Flush();
    }
}
