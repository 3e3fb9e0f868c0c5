using System.Text.Json;

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

    public static void Write(Utf8JsonWriter writer, EvaluationPoint point)
    {
        WriteHead(writer, Dev, point.StepNumber, point.EpochNumber);
        writer.WriteNumber("training_loss", point.TrainingLoss);
        writer.WriteNumber("loss", point.Loss);
        writer.WriteNumber("micro_f1", point.MicroF1);
        writer.WriteNumber("macro_f1", point.MacroF1);
        writer.WriteNumber("subset_accuracy", point.SubsetAccuracy);
        WriteOptional(writer, "average_precision_macro", point.MeanAveragePrecision);
        WriteOptional(writer, "roc_auc_micro", point.RocAucMicro);
        WriteOptional(writer, "roc_auc_micro_thresholded", point.RocAucMicroThresholded);
        writer.WriteBoolean("best", point.IsBest);
        writer.WriteNumber("samples_per_second", point.SamplesPerSecond);
        writer.WriteNumber("training_seconds", point.TrainingSeconds);
        writer.WriteNumber("evaluation_seconds", point.EvaluationSeconds);
        writer.WriteNumber("working_set_bytes", point.WorkingSetInBytes);
        writer.WriteEndObject();
    }

    /// <summary>A <see cref="TrainingPoint"/> or an <see cref="EvaluationPoint"/>.</summary>
    public static object Parse(string line, string path, int lineNumber)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            int step = root.GetProperty("step").GetInt32();
            int epoch = root.GetProperty("epoch").GetInt32();
            return root.GetProperty("kind").GetString() switch
            {
                Train => new TrainingPoint
                {
                    StepNumber = step,
                    EpochNumber = epoch,
                    Loss = root.GetProperty("loss").GetDouble(),
                    LearningRate = root.GetProperty("learning_rate").GetDouble(),
                    GradientNorm = root.GetProperty("gradient_norm").GetDouble(),
                    SamplesPerSecond = Optional(root, "samples_per_second"),
                    TokensPerSecond = Optional(root, "tokens_per_second"),
                },
                Dev => new EvaluationPoint
                {
                    StepNumber = step,
                    EpochNumber = epoch,
                    TrainingLoss = root.GetProperty("training_loss").GetDouble(),
                    Loss = root.GetProperty("loss").GetDouble(),
                    MicroF1 = root.GetProperty("micro_f1").GetDouble(),
                    MacroF1 = root.GetProperty("macro_f1").GetDouble(),
                    SubsetAccuracy = root.GetProperty("subset_accuracy").GetDouble(),
                    MeanAveragePrecision = Optional(root, "average_precision_macro"),
                    RocAucMicro = Optional(root, "roc_auc_micro"),
                    RocAucMicroThresholded = Optional(root, "roc_auc_micro_thresholded"),
                    IsBest = root.GetProperty("best").GetBoolean(),
                    SamplesPerSecond = root.GetProperty("samples_per_second").GetDouble(),
                    TrainingSeconds = root.GetProperty("training_seconds").GetDouble(),
                    EvaluationSeconds = root.GetProperty("evaluation_seconds").GetDouble(),
                    WorkingSetInBytes = root.GetProperty("working_set_bytes").GetInt64(),
                },
                string kind => throw new FormatException($"its kind is '{kind}'"),
                null => throw new FormatException("its kind is null"),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}:{lineNumber}: {error.Message}, expected a line of a training's metrics. Remove the line, or restore the file.");
        }
    }

    /// <summary>The step of a line.</summary>
    public static int StepOf(object point) => point is TrainingPoint training ? training.StepNumber : ((EvaluationPoint)point).StepNumber;

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
