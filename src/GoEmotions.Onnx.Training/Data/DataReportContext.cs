using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>The JSON form of <see cref="DataReport"/>, generated at compile time.</summary>
[JsonSerializable(typeof(DataReport))]
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class DataReportContext : JsonSerializerContext
{
    /// <summary>Names in any script stay readable: the file is no HTML.</summary>
    public static DataReportContext Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" });
}
