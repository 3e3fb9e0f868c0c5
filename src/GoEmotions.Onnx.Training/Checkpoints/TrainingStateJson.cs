using System.Text.Json.Serialization;

namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>The JSON form of a <see cref="TrainingState"/>. Numbers are written so that reading gives the same bits.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class TrainingStateJson : JsonSerializerContext;
