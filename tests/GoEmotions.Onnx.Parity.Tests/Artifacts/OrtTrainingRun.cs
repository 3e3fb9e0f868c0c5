using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Artifacts;

namespace GoEmotions.Onnx.Parity.Tests.Artifacts;

/// <summary>What ONNX Runtime's own TrainingSession (npm package onnxruntime-web) made of training artifacts.</summary>
/// <param name="Inputs">The names of the inputs that a program gives.</param>
/// <param name="Outputs">The names of the outputs that it gets.</param>
/// <param name="Losses">The loss of each batch.</param>
/// <param name="Loss">The loss of the evaluation model on the last batch, after training.</param>
/// <param name="Logits">Its logits.</param>
/// <param name="Parameters">The trained parameters, one after the other.</param>
/// <param name="Milliseconds">The time of the training steps.</param>
internal sealed record OrtTrainingRun(string[] Inputs, string[] Outputs, double[] Losses, double Loss, float[] Logits, float[] Parameters, double Milliseconds)
{
    /// <summary>Trains artifacts on batches.</summary>
    public static OrtTrainingRun Of(TrainingArtifacts artifacts, OrtCheckpoint checkpoint, IEnumerable<int> batches, int evaluated, int accumulate = 1, string runtime = "1.19.2")
    {
        NodeProgram.Training.Require();
        using var folder = new TemporaryFolder();
        artifacts.Save(checkpoint, folder.Root);
        using (FileStream stream = File.Create(folder["job.json"]))
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("runtime", runtime);
            writer.WriteString("artifacts", folder.Root);
            writer.WriteNumber("accumulate", accumulate);
            writer.WriteStartArray("batches");
            foreach (int batch in batches)
            {
                Write(writer, batch);
            }

            writer.WriteEndArray();
            writer.WritePropertyName("evaluate");
            Write(writer, evaluated);
            writer.WriteString("parameters", folder["parameters.bin"]);
            writer.WriteEndObject();
        }

        using var report = JsonDocument.Parse(NodeProgram.Training.Run("train.mjs", folder["job.json"]));
        JsonElement root = report.RootElement;
        return new OrtTrainingRun(
            Array(root, "inputs", element => element.GetString()!),
            Array(root, "outputs", element => element.GetString()!),
            Array(root, "losses", Number),
            Number(root.GetProperty("loss")),
            Array(root, "logits", element => (float)Number(element)),
            MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder["parameters.bin"])).ToArray(),
            Number(root.GetProperty("milliseconds")));
    }

    private static T[] Array<T>(JsonElement root, string name, Func<JsonElement, T> read) => [.. root.GetProperty(name).EnumerateArray().Select(read)];

    // Numbers that JSON does not have are texts.
    private static double Number(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? double.Parse(element.GetString()!.Replace("Infinity", "∞", StringComparison.Ordinal), CultureInfo.InvariantCulture) : element.GetDouble();

    private static void Write(Utf8JsonWriter writer, int number)
    {
        (TokenBatch batch, float[] labels) = TextBatches.Get(number);
        using (batch)
        {
            writer.WriteStartObject();
            writer.WriteNumber("rows", batch.Rows);
            writer.WriteNumber("columns", batch.SequenceLength);
            Write(writer, "input_ids", batch.InputIds);
            Write(writer, "attention_mask", batch.AttentionMask);
            Write<float>(writer, "labels", labels);
            writer.WriteEndObject();
        }
    }

    private static void Write<T>(Utf8JsonWriter writer, string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        writer.WriteStartArray(name);
        foreach (T value in values)
        {
            writer.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
        }

        writer.WriteEndArray();
    }
}
