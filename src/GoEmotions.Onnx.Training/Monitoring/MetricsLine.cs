using System.Text.Json;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary>The lines of <c>metrics.jsonl</c>: one object each, whose <c>kind</c> is <c>train</c> or <c>dev</c>.</summary>
internal static class MetricsLine
{
    private const string Train = "train";
    private const string Dev = "dev";

    public static void Write(Utf8JsonWriter writer, TrainingPoint point)
    {
        WriteHead(writer, Train, point.StepNumber, point.EpochNumber);
        writer.WriteNumber("loss", point.Loss);
        writer.WriteNumber("learning_rate", point.LearningRate);
        writer.WriteNumber("gradient_norm", point.GradientNorm);
        WriteOptional(writer, "samples_per_second", point.SamplesPerSecond);
        WriteOptional(writer, "tokens_per_second", point.TokensPerSecond);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, EvaluationRecord record, EvaluationResult result)
    {
        WriteHead(writer, Dev, record.StepNumber, record.EpochNumber);
        writer.WriteNumber("training_loss", record.TrainingLoss);
        writer.WriteNumber("loss", record.Loss);
        writer.WriteNumber("micro_f1", record.Micro.F1);
        writer.WriteNumber("macro_f1", record.Macro.F1);
        writer.WriteNumber("weighted_f1", record.Weighted.F1);
        writer.WriteNumber("subset_accuracy", record.SubsetAccuracy);
        WriteOptional(writer, "average_precision_macro", record.AveragePrecisionMacro);
        WriteOptional(writer, "roc_auc_micro", record.RocAucMicro);
        WriteOptional(writer, "roc_auc_micro_thresholded", result.RocAucMicroThresholded);
        writer.WriteBoolean("best", record.IsBest);
        writer.WriteNumber("samples_per_second", record.SamplesPerSecond);
        writer.WriteNumber("training_seconds", record.TrainingTime.TotalSeconds);
        writer.WriteNumber("evaluation_seconds", record.EvaluationTime.TotalSeconds);
        writer.WriteNumber("working_set_bytes", record.WorkingSetInBytes);
        writer.WriteEndObject();
    }

    /// <summary>The step of a line, and what it says of training steps unless it is an evaluation's.</summary>
    public static (int StepNumber, TrainingPoint? Point) Parse(string line, string path, int lineNumber)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            int step = root.GetProperty("step").GetInt32();
            return root.GetProperty("kind").GetString() switch
            {
                Train => (step, new TrainingPoint
                {
                    StepNumber = step,
                    EpochNumber = root.GetProperty("epoch").GetInt32(),
                    Loss = root.GetProperty("loss").GetDouble(),
                    LearningRate = root.GetProperty("learning_rate").GetDouble(),
                    GradientNorm = root.GetProperty("gradient_norm").GetDouble(),
                    SamplesPerSecond = Optional(root, "samples_per_second"),
                    TokensPerSecond = Optional(root, "tokens_per_second"),
                }),
                Dev => (step, null),
                string kind => throw new FormatException($"its kind is '{kind}'"),
                null => throw new FormatException("its kind is null"),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}:{lineNumber}: {error.Message}, expected a line of a training's metrics. Remove the line, or restore the file.");
        }
    }

    /// <summary>The numbers of an evaluation that was the best so far, or null for any other line.</summary>
    public static IReadOnlyList<KeyValuePair<string, double>>? ParseBest(string line, string path, int lineNumber)
    {
        Parse(line, path, lineNumber);
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.TryGetProperty("best", out JsonElement best) && best.ValueKind == JsonValueKind.True
            ? [.. document.RootElement.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Number).Select(member => KeyValuePair.Create(member.Name, member.Value.GetDouble()))]
            : null;
    }

    private static void WriteHead(Utf8JsonWriter writer, string kind, int step, int epoch)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", kind);
        writer.WriteNumber("step", step);
        writer.WriteNumber("epoch", epoch);
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is double known)
        {
            writer.WriteNumber(name, known);
        }
    }

    private static double? Optional(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetDouble() : null;
}
