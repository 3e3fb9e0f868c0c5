using System.Text.Json;
using System.Text.Json.Nodes;
using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Tests.Encoders;

public sealed class EncoderConfigTests
{
    private const string Bert = """
        {
          "architectures": ["BertForMaskedLM"], "attention_probs_dropout_prob": 0.2, "gradient_checkpointing": false, "hidden_act": "gelu",
          "hidden_dropout_prob": 0.3, "hidden_size": 768, "initializer_range": 0.02, "intermediate_size": 3072, "layer_norm_eps": 1e-12,
          "max_position_embeddings": 512, "model_type": "bert", "num_attention_heads": 12, "num_hidden_layers": 12, "pad_token_id": 0,
          "position_embedding_type": "absolute", "transformers_version": "4.6.0.dev0", "type_vocab_size": 2, "use_cache": true,
          "vocab_size": 30522, "classifier_dropout": null
        }
        """;

    private const string DistilBert = """
        {
          "activation": "gelu", "attention_dropout": 0.1, "dim": 768, "dropout": 0.1, "hidden_dim": 3072, "initializer_range": 0.02,
          "max_position_embeddings": 512, "model_type": "distilbert", "n_heads": 12, "n_layers": 6, "pad_token_id": 0, "qa_dropout": 0.1,
          "seq_classif_dropout": 0.25, "sinusoidal_pos_embds": false, "tie_weights_": true, "vocab_size": 30522
        }
        """;

    /// <summary>A key, the JSON that it gets (null removes it) and the message.</summary>
    public static TheoryData<string, string?, string> Faults { get; } = new()
    {
        { "model_type", "\"t5\"", "model_type is 't5', expected bert or distilbert. Use a checkpoint of one of these." },
        { "model_type", null, "there is no 'model_type', expected text. Use the config.json of a Hugging Face checkpoint." },
        { "model_type", "3", "model_type is 3, expected text." },
        { "hidden_size", "770", "hidden_size 770 is not divisible by 12 attention heads, expected a multiple." },
        { "hidden_size", "\"768\"", "hidden_size is \"768\", expected an integer." },
        { "hidden_size", "768.5", "hidden_size is 768.5, expected an integer." },
        { "hidden_size", "99999999999", "hidden_size is 99999999999, expected an integer." },
        { "hidden_size", null, "there is no 'hidden_size', expected an integer. Use the config.json of a Hugging Face checkpoint." },
        { "vocab_size", "0", "the vocab_size is 0, expected 1 or more." },
        { "num_hidden_layers", "-1", "the number of layers is -1, expected 1 or more." },
        { "num_attention_heads", "0", "the number of heads is 0, expected 1 or more." },
        { "intermediate_size", "0", "the intermediate size is 0, expected 1 or more." },
        { "max_position_embeddings", "0", "the max_position_embeddings is 0, expected 1 or more." },
        { "type_vocab_size", "0", "type_vocab_size is 0, expected 1 or more for bert." },
        { "hidden_act", "\"swish\"", "hidden_act is 'swish', expected gelu, gelu_new, gelu_pytorch_tanh or relu." },
        { "position_embedding_type", "\"relative_key\"", "position_embedding_type is 'relative_key', expected 'absolute'." },
        { "is_decoder", "true", "is_decoder is true, expected false: an encoder sees the whole text." },
        { "layer_norm_eps", "0", "layer_norm_eps is 0, expected above 0 and below 1." },
        { "initializer_range", "-0.1", "initializer_range is -0.1, expected a positive number." },
        { "hidden_dropout_prob", "1.0", "the hidden dropout probability is 1, expected 0 or more and below 1." },
        { "attention_probs_dropout_prob", "-0.5", "the attention dropout probability is -0.5, expected 0 or more and below 1." },
        { "classifier_dropout", "2", "the classifier dropout probability is 2, expected 0 or more and below 1." },
        { "pad_token_id", "30522", "pad_token_id is 30522, expected from 0 to 30521 (vocab_size 30522)." },
        { "id2label", "[\"joy\"]", "id2label is [\"joy\"], expected an object of ids and labels." },
        { "id2label", """{"0":"joy","2":"fear"}""", "id2label has the id '2' among 2 labels, expected each of 0 to 1 once." },
        { "id2label", """{"0":"joy","00":"fear"}""", "id2label has the id '00' among 2 labels, expected each of 0 to 1 once." },
        { "id2label", """{"0":"joy","1":7}""", "id2label.1 is 7, expected text." },
        { "id2label", """{"0":"joy","1":"joy"}""", "a label stands twice, expected distinct names." },
        { "id2label", """{"0":"joy","1":" "}""", "a label is empty, expected names." },
    };

    [Fact]
    public void EncoderConfig_BertBaseUncased_IsRead()
    {
        EncoderConfig config = Load(Bert);
        Assert.Equal("bert", config.ModelType);
        Assert.Equal((30522, 768, 12, 12, 3072, 512, 2), (config.VocabularySize, config.HiddenSize, config.LayerCount, config.HeadCount, config.IntermediateSize, config.MaxPositionEmbeddings, config.TypeVocabularySize));
        Assert.Equal((0.3, 0.2, 0.3), (config.HiddenDropout, config.AttentionDropout, config.ClassifierDropout));
        Assert.Equal((HiddenActivation.Gelu, 1e-12, 0.02, 64), (config.Activation, config.LayerNormEpsilon, config.InitializerRange, config.HeadSize));
        Assert.Empty(config.Labels);
    }

    [Fact]
    public void EncoderConfig_DistilBert_IsReadByItsOwnNames()
    {
        EncoderConfig config = Load(DistilBert);
        Assert.Equal((768, 6, 12, 3072, 0), (config.HiddenSize, config.LayerCount, config.HeadCount, config.IntermediateSize, config.TypeVocabularySize));
        Assert.Equal((0.1, 0.1, 0.25), (config.HiddenDropout, config.AttentionDropout, config.ClassifierDropout));
        Assert.False(config.SinusoidalPositionEmbeddings);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void EncoderConfig_Fault_IsRefusedNamingTheKey(string key, string? value, string expected)
    {
        JsonObject json = JsonNode.Parse(Bert)!.AsObject();
        json.Remove(key);
        if (value is not null)
        {
            json[key] = JsonNode.Parse(value);
        }

        using var folder = new TemporaryFolder();
        string path = folder.Write("config.json", json.ToJsonString());
        Assert.Equal($"{path}: {expected}", Assert.Throws<InvalidDataException>(() => EncoderConfig.Load(path)).Message);
    }

    [Theory]
    [InlineData("""{"a":1}""", "label2id gives 'a' the id 1, but id2label has 'fear' there. Correct one of them.")]
    [InlineData("""{"joy":0}""", "label2id has 1 labels, expected 2 as id2label. Correct one of them.")]
    [InlineData("""{"joy":0,"fear":9}""", "label2id gives 'fear' the id 9, but id2label has only 0 to 1. Correct one of them.")]
    [InlineData("3", "label2id is 3, expected an object of labels and ids.")]
    public void EncoderConfig_LabelToIdThatDiffers_IsRefused(string labelToId, string expected)
    {
        JsonObject json = JsonNode.Parse(Bert)!.AsObject();
        json["id2label"] = JsonNode.Parse("""{"1":"fear","0":"joy"}""");
        Assert.Equal(["joy", "fear"], Load(json.ToJsonString()).Labels);
        json["label2id"] = JsonNode.Parse(labelToId);
        Assert.EndsWith(": " + expected, Assert.Throws<InvalidDataException>(() => Load(json.ToJsonString())).Message);
    }

    [Fact]
    public void EncoderConfig_NumLabels_NamesOrMatchesThem()
    {
        JsonObject json = JsonNode.Parse(Bert)!.AsObject();
        json["num_labels"] = 3;
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2"], Load(json.ToJsonString()).Labels);
        json["id2label"] = JsonNode.Parse("""{"0":"joy"}""");
        Assert.EndsWith("num_labels is 3, but id2label has 1 labels. Correct one of them.", Assert.Throws<InvalidDataException>(() => Load(json.ToJsonString())).Message);
    }

    [Theory]
    [InlineData("bert", "BertForSequenceClassification")]
    [InlineData("distilbert", "DistilBertForSequenceClassification")]
    public void EncoderConfig_Saved_LoadsEqualAndIsHuggingFaces(string modelType, string expectedClass)
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Mini, 5000, ["joy", "colère \"x\"", "neutral"], modelType)
            with
        { Activation = HiddenActivation.GeluTanh, HiddenDropout = 0.15, AttentionDropout = 0.05, ClassifierDropout = 0.35, InitializerRange = 0.03, PadTokenId = 7 };
        using var folder = new TemporaryFolder();
        config.Save(folder["config.json"]);
        EncoderConfig again = EncoderConfig.Load(folder["config.json"]);
        Assert.Equal(config.Labels, again.Labels);
        Assert.Equal(config with { Labels = [] }, again with { Labels = [] });

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(folder["config.json"]));
        Assert.Equal(expectedClass, json.RootElement.GetProperty("architectures")[0].GetString());
        Assert.Equal("multi_label_classification", json.RootElement.GetProperty("problem_type").GetString());
        Assert.Equal("colère \"x\"", json.RootElement.GetProperty("id2label").GetProperty("1").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("label2id").GetProperty("neutral").GetInt32());
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Theory]
    [InlineData("", "is empty (0 bytes), expected a Hugging Face config.json.")]
    [InlineData("{\"a\": }", "is not JSON, expected a Hugging Face config.json: line 1, byte 7")]
    [InlineData("[]", "holds a JSON Array, expected an object: a Hugging Face config.json.")]
    public void EncoderConfig_NoJsonObject_IsRefused(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("config.json", text);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => EncoderConfig.Load(path)).Message);
        Assert.Throws<FileNotFoundException>(() => EncoderConfig.Load(folder["none.json"]));
    }

    [Fact]
    public void EncoderConfig_MadeInCode_IsCheckedWhenUsed()
    {
        Assert.StartsWith("the size is 'huge', expected tiny, mini, small, base, or layers x hidden x heads", Assert.Throws<ArgumentException>(() => EncoderSize.Parse("huge")).Message);
        Assert.StartsWith("model_type is 't5', expected bert or distilbert.", Assert.Throws<ArgumentException>(() => EncoderConfig.Create(EncoderSize.Tiny, 10, ["joy"], "t5")).Message);
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 10, ["joy"]);
        Assert.Equal("the encoder configuration: hidden_size 128 is not divisible by 3 attention heads, expected a multiple.", Assert.Throws<ArgumentException>(() => (config with { HeadCount = 3 }).Validate()).Message);
        Assert.StartsWith("the configuration names no labels", Assert.Throws<ArgumentException>(() => config.Architecture.GetParameters(config with { Labels = [] })).Message);
        Assert.Throws<ArgumentException>(() => (EncoderConfig.Create(EncoderSize.Tiny, 10, ["joy"], "distilbert") with { LayerNormEpsilon = 1e-5 }).Validate());
    }

    [Fact]
    public void EncoderSize_LayersHiddenHeads_IsMade()
    {
        EncoderSize size = EncoderSize.Parse("3x192x4");
        Assert.Equal((3, 192, 4, 768), (size.LayerCount, size.HiddenSize, size.HeadCount, size.IntermediateSize));
        Assert.Same(EncoderSize.Mini, EncoderSize.Parse("mini"));
        Assert.StartsWith("the size is '2x100x3', but a hidden state of 100 cannot be divided among 3 heads", Assert.Throws<ArgumentException>(() => EncoderSize.Parse("2x100x3")).Message);
        Assert.All(["2x128", "2x128x0", "2x128x2x1", "-2x128x2", "2x99999999999x2", "x"], name => Assert.StartsWith($"the size is '{name}', expected tiny", Assert.Throws<ArgumentException>(() => EncoderSize.Parse(name)).Message));
    }

    private static EncoderConfig Load(string json)
    {
        using var folder = new TemporaryFolder();
        return EncoderConfig.Load(folder.Write("config.json", json));
    }
}
