using System.Text.Json;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>transformers.js and ONNX Runtime's JavaScript builds, run by tests/node-transformers/run.mjs, a process for each question.</summary>
internal static class JavaScript
{
    /// <summary>The probabilities that transformers.js' pipeline gives, row-major [texts, labels].</summary>
    public static float[] Classify(string directory, string dtype, IReadOnlyList<string> texts, EmotionLabels labels)
    {
        using JsonDocument answer = Ask(json =>
        {
            json.WriteString("classify", directory);
            json.WriteString("dtype", dtype);
            WriteTexts(json, texts);
        });
        return [.. answer.RootElement.GetProperty("scores").EnumerateArray().SelectMany(scores =>
        {
            Assert.Equal(labels.Count, scores.EnumerateObject().Count());
            return labels.Select(label => scores.GetProperty(label).GetSingle());
        })];
    }

    /// <summary>The ids that transformers.js' tokenizer gives each text.</summary>
    public static int[][] Tokenize(string directory, IReadOnlyList<string> texts)
    {
        using JsonDocument answer = Ask(json =>
        {
            json.WriteString("tokenize", directory);
            WriteTexts(json, texts);
        });
        return [.. answer.RootElement.GetProperty("ids").EnumerateArray().Select(ids => ids.EnumerateArray().Select(id => id.GetInt32()).ToArray())];
    }

    /// <summary>The logits that ONNX Runtime's build for Node or for the web gives, row-major [rows, labels].</summary>
    public static float[] Run(string file, string runtime, params IReadOnlyList<TokenRows> batches)
    {
        using JsonDocument answer = Ask(json =>
        {
            json.WriteString("run", file);
            json.WriteString("runtime", runtime);
            json.WriteStartArray("batches");
            foreach (TokenRows batch in batches)
            {
                json.WriteStartObject();
                WriteRows(json, "input_ids", batch.Ids, batch.Sequence);
                WriteRows(json, "attention_mask", batch.Mask, batch.Sequence);
                WriteRows(json, "token_type_ids", new long[batch.Ids.Length], batch.Sequence);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
        return [.. answer.RootElement.GetProperty("logits").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(logit => logit.GetSingle())];
    }

    private static JsonDocument Ask(Action<Utf8JsonWriter> write)
    {
        using var folder = new TemporaryFolder();
        using (FileStream stream = File.Create(folder["request.json"]))
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return JsonDocument.Parse(NodeProgram.Transformers.Run("run.mjs", folder["request.json"]));
    }

    private static void WriteTexts(Utf8JsonWriter json, IReadOnlyList<string> texts)
    {
        json.WriteStartArray("texts");
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteRows(Utf8JsonWriter json, string name, long[] values, int width)
    {
        json.WriteStartArray(name);
        foreach (long[] row in values.Chunk(width))
        {
            json.WriteStartArray();
            foreach (long value in row)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
