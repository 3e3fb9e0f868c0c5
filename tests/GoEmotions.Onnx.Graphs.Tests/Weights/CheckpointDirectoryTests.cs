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
