using System.Text.Json.Nodes;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Tests.Encoders;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Tests.Weights;

public sealed class CheckpointDirectoryTests
{
    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void CheckpointDirectory_Saved_LoadsBitForBit(string modelType)
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small(modelType, HiddenActivation.Gelu);
        CheckpointDirectory.Save(checkpoint, folder["model"]);
        CheckpointDirectory.Save(checkpoint, folder["model"]);
        Assert.Equal(["config.json", "model.safetensors"], Directory.EnumerateFileSystemEntries(folder["model"]).Select(Path.GetFileName).Order());
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Root));

        Checkpoint again = CheckpointDirectory.Load(folder["model"]);
        AssertEqual(checkpoint.Parameters, again.Parameters);
        Assert.Empty(again.Report.InitializedParameters);
        Assert.Empty(again.Report.UnusedTensors);
        Assert.Empty(again.Report.Describe());
        Assert.Equal([folder["model/model.safetensors"]], again.Report.Files);
    }

    [Fact]
    public void CheckpointDirectory_PlainEncoder_GetsAFreshHeadAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        (EncoderConfig Config, List<Parameter> Tensors) plain = (checkpoint.Config with { Labels = [] }, [.. checkpoint.Parameters
            .Where(parameter => !parameter.Name.StartsWith("classifier", StringComparison.Ordinal))
            .Select(parameter => new Parameter(Old(parameter.Name), parameter.Shape, parameter.Values))]);
        plain.Tensors.Add(new Parameter("cls.predictions.bias", [50], new float[50]));
        plain.Tensors.Add(new Parameter("cls.seq_relationship.weight", [2, 16], new float[32]));
        Write(folder.Root, plain.Config, plain.Tensors);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root));
        Assert.Equal($"{folder["config.json"]} names no labels (id2label), expected at least one for the classification head. Give the labels.", error.Message);

        Checkpoint loaded = CheckpointDirectory.Load(folder.Root, new CheckpointLoadOptions { Labels = checkpoint.Config.Labels, Seed = 11 });
        Assert.Equal(["classifier.weight", "classifier.bias"], loaded.Report.InitializedParameters);
        Assert.Equal(["cls.predictions.bias", "cls.seq_relationship.weight"], loaded.Report.UnusedTensors.Order());
        Assert.Equal(
            [
                "2 parameters were made anew from seed 11 and need training: classifier.weight, classifier.bias.",
                "2 tensors of the checkpoint have no place in the classifier: cls.predictions.bias, cls.seq_relationship.weight.",
            ],
            loaded.Report.Describe());

        // The same seed as the whole checkpoint: so the fresh head is the same too.
        AssertEqual(checkpoint.Parameters, loaded.Parameters);

        // As old checkpoints of the encoder alone: no prefix, gamma and beta.
        static string Old(string name) => name
            .Replace("bert.", "", StringComparison.Ordinal)
            .Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
            .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
    }

    // Names and config.json as transformers 4 writes them for BertForSequenceClassification and DistilBertForSequenceClassification,
    // spelt out; the encoder alone (BertModel, DistilBertModel) has the same without the prefix and without the head.
    [Theory]
    [InlineData("bert", true, true)]
    [InlineData("bert", false, true)]
    [InlineData("bert", false, false)]
    [InlineData("distilbert", true, true)]
    [InlineData("distilbert", false, true)]
    [InlineData("distilbert", false, false)]
    public void CheckpointDirectory_OfTransformers_IsRead(string modelType, bool hasPrefix, bool hasHead)
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small(modelType, HiddenActivation.Gelu);
        folder.Write("config.json", ConfigOfTransformers(modelType, hasHead));
        string[] names = [.. NamesOfTransformers(modelType).SelectMany(module => new[] { module + ".weight", module + ".bias" }).Where(name => !name.EndsWith("_embeddings.bias", StringComparison.Ordinal))];
        Assert.Equal(names.Order(StringComparer.Ordinal), checkpoint.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
        string[] head = modelType == "bert" ? ["classifier.weight", "classifier.bias"] : ["pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias"];
        SafetensorsFile.Write(folder["model.safetensors"], names.Where(name => hasHead || !head.Contains(name)).Select(name =>
            new Parameter(hasPrefix ? name : name.Replace(modelType + ".", "", StringComparison.Ordinal), checkpoint.Parameters[name].Shape, checkpoint.Parameters[name].Values)));

        Checkpoint loaded = CheckpointDirectory.Load(folder.Root, new CheckpointLoadOptions { Labels = hasHead ? null : checkpoint.Config.Labels, Seed = 11 });
        Assert.Equal(hasHead ? [] : head, loaded.Report.InitializedParameters);
        Assert.Empty(loaded.Report.UnusedTensors);
        Assert.Equal(checkpoint.Config.Labels, loaded.Config.Labels);
        AssertEqual(checkpoint.Parameters, loaded.Parameters);
    }

    [Fact]
    public void CheckpointDirectory_OtherLabels_GetAFreshHead()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("distilbert", HiddenActivation.Gelu);
        CheckpointDirectory.Save(checkpoint, folder["model"]);
        Checkpoint loaded = CheckpointDirectory.Load(folder["model"], new CheckpointLoadOptions { Labels = ["a", "b"], Seed = 3 });
        Assert.Equal(["a", "b"], loaded.Config.Labels);
        Assert.Equal([2, 16], loaded.Parameters["classifier.weight"].Shape);
        Assert.Equal(["pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias"], loaded.Report.InitializedParameters);
        Assert.Contains("classifier.weight", loaded.Report.UnusedTensors);

        Checkpoint same = CheckpointDirectory.Load(folder["model"], new CheckpointLoadOptions { Labels = checkpoint.Config.Labels });
        Assert.Empty(same.Report.InitializedParameters);
        Assert.Throws<ArgumentException>(() => CheckpointDirectory.Load(folder["model"], new CheckpointLoadOptions { Labels = ["a", "a"] }));
    }

    [Fact]
    public void CheckpointDirectory_NoPooler_GetsAFreshOne()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        Write(folder.Root, checkpoint.Config, [.. checkpoint.Parameters.Where(parameter => !parameter.Name.Contains("pooler", StringComparison.Ordinal))]);
        Assert.Equal(["bert.pooler.dense.weight", "bert.pooler.dense.bias"], CheckpointDirectory.Load(folder.Root).Report.InitializedParameters);
    }

    [Fact]
    public void CheckpointDirectory_PositionIds_AreLeftAsideSilently()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        checkpoint.Config.Save(folder["config.json"]);
        SafetensorsFile.Write(folder["float.safetensors"], checkpoint.Parameters);
        byte[] floats = File.ReadAllBytes(folder["float.safetensors"]);
        File.Delete(folder["float.safetensors"]);
        int header = BitConverter.ToInt32(floats);
        JsonObject json = JsonNode.Parse(floats.AsSpan(8, header))!.AsObject();
        int end = floats.Length - 8 - header;
        json["bert.embeddings.position_ids"] = JsonNode.Parse($$"""{"dtype":"I64","shape":[1,24],"data_offsets":[{{end}},{{end + (24 * 8)}}]}""");
        folder.Write("model.safetensors", SafetensorsFileTests.Bytes(json.ToJsonString(), [.. floats[(8 + header)..], .. new byte[24 * 8]]));
        Checkpoint loaded = CheckpointDirectory.Load(folder.Root);
        Assert.Empty(loaded.Report.Describe());
        AssertEqual(checkpoint.Parameters, loaded.Parameters);
    }

    [Fact]
    public void CheckpointDirectory_Shards_AreJoined()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        WriteShards(folder, checkpoint);
        Checkpoint loaded = CheckpointDirectory.Load(folder.Root);
        AssertEqual(checkpoint.Parameters, loaded.Parameters);
        Assert.Equal(2, loaded.Report.Files.Count);
    }

    [Theory]
    [InlineData("../1.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("sub/1.safetensors")]
    [InlineData("c:1.safetensors")]
    [InlineData("")]
    public void CheckpointDirectory_ShardOutOfTheFolder_IsRefused(string shard)
    {
        using var folder = new TemporaryFolder();
        WriteShards(folder, ClassifierGraphTests.Small("bert", HiddenActivation.Gelu), json => json["weight_map"]!["classifier.bias"] = shard);
        Assert.Contains("expected the name of a file in the same folder.", Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_IndexThatLies_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        WriteShards(folder, checkpoint, json => json["weight_map"]!["classifier.bias"] = "other.safetensors");
        Assert.Throws<FileNotFoundException>(() => CheckpointDirectory.Load(folder.Root));
        string index = folder["model.safetensors.index.json"];
        WriteShards(folder, checkpoint, json => json["weight_map"]!["no.such.tensor"] = "model-00001-of-00002.safetensors");
        Assert.Equal($"{index}: tensor 'no.such.tensor' is not in 'model-00001-of-00002.safetensors', expected it there. The shards and their index are of different models.", Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
        WriteShards(folder, checkpoint, json => json.Remove("weight_map"));
        Assert.Equal($"{index} has no object 'weight_map', expected one of tensor names and file names.", Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_MissingEncoderTensor_IsNamed()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        Write(folder.Root, checkpoint.Config, [.. checkpoint.Parameters.Where(parameter => !parameter.Name.Contains("layer.1.output.dense", StringComparison.Ordinal))]);
        Assert.Equal(
            $"{folder.Root}: tensor 'bert.encoder.layer.1.output.dense.weight' and 1 more is missing from model.safetensors, expected shape [16, 64]. Use a complete checkpoint of model_type bert.",
            Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_HalfAHead_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        Write(folder.Root, checkpoint.Config, [.. checkpoint.Parameters.Where(parameter => parameter.Name != "classifier.bias")]);
        Assert.Contains("tensor 'classifier.bias' is missing", Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_OtherShapes_AreRefusedWithTheirReason()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        string file = folder["model.safetensors"];
        Write(folder.Root, checkpoint.Config with { Labels = ["a", "b", "c", "d"] }, checkpoint.Parameters);
        Assert.Equal(
            $"{file}: tensor 'classifier.weight' has shape [3, 16], expected [4, 16]: config.json has 4 labels (id2label), the head has 3 rows. Correct id2label, or give the labels to get a fresh head.",
            Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
        Write(folder.Root, checkpoint.Config with { VocabularySize = 51 }, checkpoint.Parameters);
        Assert.Equal(
            $"{file}: tensor 'bert.embeddings.word_embeddings.weight' has shape [50, 16], expected [51, 16]: config.json has vocab_size 51, the word embeddings have 50 rows. Use the config.json of this checkpoint.",
            Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
        Write(folder.Root, checkpoint.Config with { IntermediateSize = 32 }, checkpoint.Parameters);
        Assert.Equal(
            $"{file}: tensor 'bert.encoder.layer.0.intermediate.dense.weight' has shape [64, 16], expected [32, 16] by config.json. Use the config.json of this checkpoint.",
            Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_VocabularyAboveTheRows_IsRefused()
    {
        using var folder = new TemporaryFolder();
        CheckpointDirectory.Save(ClassifierGraphTests.Small("bert", HiddenActivation.Gelu), folder.Root);
        folder.Write("vocab.txt", string.Concat(Enumerable.Range(0, 50).Select(piece => $"piece{piece}\n")));
        CheckpointDirectory.Load(folder.Root);
        folder.Write("vocab.txt", string.Concat(Enumerable.Range(0, 51).Select(piece => $"piece{piece}\n")));
        Assert.Equal(
            $"{folder["vocab.txt"]} has 51 pieces, but the word embeddings have 50 rows, expected at least as many rows. Use the vocabulary that the checkpoint was trained with.",
            Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_TwoNamesOfOneParameter_AreRefused()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        Write(folder.Root, checkpoint.Config, [.. checkpoint.Parameters, new Parameter("embeddings.LayerNorm.gamma", [16], new float[16])]);
        Assert.Contains("both are parameter 'bert.embeddings.LayerNorm.weight', expected one. Remove the other.", Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_PickleOrNothing_IsRefusedWithTheWayOut()
    {
        using var folder = new TemporaryFolder();
        ClassifierGraphTests.Small("bert", HiddenActivation.Gelu).Config.Save(folder["config.json"]);
        Assert.StartsWith($"{folder.Root} has no model.safetensors and no model.safetensors.index.json, expected one of them.", Assert.Throws<FileNotFoundException>(() => CheckpointDirectory.Load(folder.Root)).Message);
        folder.Write("pytorch_model.bin", "PK");
        Assert.Equal(
            $"{folder["pytorch_model.bin"]} is a Python pickle, which runs code when it is read, so it is not read. Convert it once with Hugging Face's tools: AutoModel.from_pretrained(folder).save_pretrained(folder, safe_serialization=True).",
            Assert.Throws<InvalidDataException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_FolderNotThere_IsNamed()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal($"{folder["none"]} does not exist, expected the folder of a checkpoint. Check the path.", Assert.Throws<DirectoryNotFoundException>(() => CheckpointDirectory.Load(folder["none"])).Message);
        string file = folder.Write("file", "x");
        Assert.Equal($"{file} is a file, expected the folder of a checkpoint.", Assert.Throws<DirectoryNotFoundException>(() => CheckpointDirectory.Load(file)).Message);
        Assert.Contains("config.json does not exist", Assert.Throws<FileNotFoundException>(() => CheckpointDirectory.Load(folder.Root)).Message);
    }

    [Fact]
    public void CheckpointDirectory_FailedSave_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        Checkpoint broken = checkpoint with { Config = checkpoint.Config with { HeadCount = 3 } };
        Assert.Throws<ArgumentException>(() => CheckpointDirectory.Save(broken, folder["model"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    private static string[] NamesOfTransformers(string modelType) => modelType == "bert"
        ?
        [
            "bert.embeddings.word_embeddings", "bert.embeddings.position_embeddings", "bert.embeddings.token_type_embeddings", "bert.embeddings.LayerNorm",
            .. new[] { "bert.encoder.layer.0.", "bert.encoder.layer.1." }.SelectMany(layer => new[]
            {
                layer + "attention.self.query", layer + "attention.self.key", layer + "attention.self.value", layer + "attention.output.dense", layer + "attention.output.LayerNorm",
                layer + "intermediate.dense", layer + "output.dense", layer + "output.LayerNorm",
            }),
            "bert.pooler.dense", "classifier",
        ]
        :
        [
            "distilbert.embeddings.word_embeddings", "distilbert.embeddings.position_embeddings", "distilbert.embeddings.LayerNorm",
            .. new[] { "distilbert.transformer.layer.0.", "distilbert.transformer.layer.1." }.SelectMany(layer => new[]
            {
                layer + "attention.q_lin", layer + "attention.k_lin", layer + "attention.v_lin", layer + "attention.out_lin", layer + "sa_layer_norm",
                layer + "ffn.lin1", layer + "ffn.lin2", layer + "output_layer_norm",
            }),
            "pre_classifier", "classifier",
        ];

    private static string ConfigOfTransformers(string modelType, bool hasHead)
    {
        string labels = hasHead
            ? """
              "id2label": { "0": "joy", "1": "fear", "2": "neutral" },
              "label2id": { "fear": 1, "joy": 0, "neutral": 2 },
              "problem_type": "multi_label_classification",
              """
            : "";
        return modelType == "bert"
            ? $$"""
              {
                "_name_or_path": "somewhere/else", "architectures": ["{{(hasHead ? "BertForSequenceClassification" : "BertModel")}}"],
                "attention_probs_dropout_prob": 0.1, "classifier_dropout": null, "gradient_checkpointing": false, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 16,
                {{labels}}
                "initializer_range": 0.3, "intermediate_size": 64, "layer_norm_eps": 1e-12, "max_position_embeddings": 24, "model_type": "bert", "num_attention_heads": 2, "num_hidden_layers": 2,
                "pad_token_id": 0, "position_embedding_type": "absolute", "torch_dtype": "float32", "transformers_version": "4.46.0", "type_vocab_size": 2, "use_cache": true, "vocab_size": 50
              }
              """
            : $$"""
              {
                "_name_or_path": "somewhere/else", "activation": "gelu", "architectures": ["{{(hasHead ? "DistilBertForSequenceClassification" : "DistilBertModel")}}"],
                "attention_dropout": 0.1, "dim": 16, "dropout": 0.1, "hidden_dim": 64,
                {{labels}}
                "initializer_range": 0.3, "max_position_embeddings": 24, "model_type": "distilbert", "n_heads": 2, "n_layers": 2, "pad_token_id": 0, "qa_dropout": 0.1, "seq_classif_dropout": 0.2,
                "sinusoidal_pos_embds": false, "tie_weights_": true, "torch_dtype": "float32", "transformers_version": "4.46.0", "vocab_size": 50
              }
              """;
    }

    private static void Write(string folder, EncoderConfig config, IEnumerable<Parameter> tensors)
    {
        config.Save(Path.Combine(folder, "config.json"));
        SafetensorsFile.Write(Path.Combine(folder, "model.safetensors"), tensors);
    }

    private static void WriteShards(TemporaryFolder folder, Checkpoint checkpoint, Action<JsonObject>? change = null)
    {
        checkpoint.Config.Save(folder["config.json"]);
        var map = new JsonObject();
        foreach ((int shard, Parameter[] parameters) in checkpoint.Parameters.Chunk(checkpoint.Parameters.Count / 2 + 1).Index())
        {
            string name = $"model-0000{shard + 1}-of-00002.safetensors";
            SafetensorsFile.Write(folder[name], parameters);
            foreach (Parameter parameter in parameters)
            {
                map[parameter.Name] = name;
            }
        }

        var json = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map };
        change?.Invoke(json);
        folder.Write("model.safetensors.index.json", json.ToJsonString());
    }

    private static void AssertEqual(ParameterSet expected, ParameterSet found)
    {
        Assert.Equal(expected.Select(parameter => parameter.Name), found.Select(parameter => parameter.Name));
        foreach (Parameter parameter in expected)
        {
            Assert.Equal(parameter.Shape, found[parameter.Name].Shape);
            Assert.Equal(parameter.Values.ToArray(), found[parameter.Name].Values.ToArray());
        }
    }
}
