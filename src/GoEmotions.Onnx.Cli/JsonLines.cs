using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GoEmotions.Onnx.Cli;

/// <summary>Writes one JSON object a line.</summary>
internal sealed class JsonLines(TextWriter output) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _writer = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes the object whose members <paramref name="members"/> writes, and ends the line.</summary>
    public void WriteObject(Action<Utf8JsonWriter> members)
    {
        _line.ResetWrittenCount();
        _writer.Reset(_line);
        _writer.WriteStartObject();
        members(_writer);
        _writer.WriteEndObject();
        _writer.Flush();
        output.Write(Encoding.UTF8.GetString(_line.WrittenSpan));
        output.Write('\n');
    }

    public void Dispose() => _writer.Dispose();
}
