using System.Globalization;
using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>Writes a <c>config.json</c>: what all architectures share, and between it each one's own keys.</summary>
internal static class EncoderConfigWriter
{
    public static void Write(Utf8JsonWriter writer, EncoderConfig config)
    {
        EncoderArchitecture architecture = config.Architecture;
        writer.WriteStartObject();
        writer.WriteStartArray("architectures");
        writer.WriteStringValue(architecture.ClassifierClass);
        writer.WriteEndArray();
        writer.WriteString("model_type", config.ModelType);
        architecture.WriteConfig(writer, config);
        writer.WriteNumber("initializer_range", config.InitializerRange);
        writer.WriteNumber("max_position_embeddings", config.MaxPositionEmbeddings);
        writer.WriteNumber("pad_token_id", config.PadTokenId);
        writer.WriteNumber("vocab_size", config.VocabularySize);
        writer.WriteString("torch_dtype", "float32");
        if (config.Labels.Count > 0)
        {
            writer.WriteString("problem_type", EncoderConfig.MultiLabelClassification);
            writer.WriteStartObject("id2label");
            for (int id = 0; id < config.Labels.Count; id++)
            {
                writer.WriteString(id.ToString(CultureInfo.InvariantCulture), config.Labels[id]);
            }

            writer.WriteEndObject();
            writer.WriteStartObject("label2id");
            for (int id = 0; id < config.Labels.Count; id++)
            {
                writer.WriteNumber(config.Labels[id], id);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    public static string Name(HiddenActivation activation) => activation switch
    {
        HiddenActivation.Gelu => "gelu",
        HiddenActivation.GeluTanh => "gelu_new",
        _ => "relu",
    };
}
