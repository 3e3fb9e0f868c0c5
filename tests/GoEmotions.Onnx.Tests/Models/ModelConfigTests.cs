using GoEmotions.Onnx.Models;

namespace GoEmotions.Onnx.Tests.Models;

public sealed class ModelConfigTests
{
    [Fact]
    public void ModelConfig_HuggingFaceFile_GivesLabelsInTheOrderOfTheirIndices()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", """{"model_type": "bert", "id2label": {"1": "fear", "0": "joy"}, "max_position_embeddings": 512}""");
        ModelConfig config = ModelConfig.Load(folder.Root);
        Assert.Equal(("bert", 512), (config.ModelType, config.MaxPositions));
        Assert.Equal(EmotionLabels.Create("joy", "fear"), config.Labels);
    }

    [Fact]
    public void ModelConfig_EncoderWithoutHead_HasNoLabels()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", """{"model_type": "bert"}""");
        ModelConfig config = ModelConfig.Load(folder.Root);
        Assert.Null(config.Labels);
        Assert.Null(config.MaxPositions);
    }

    [Theory]
    [InlineData("", "(1,1): not valid JSON, expected a Hugging Face config.json. Is the file cut off?")]
    [InlineData("{\n\"model_type\": \"be", "(2,18): not valid JSON, expected a Hugging Face config.json. Is the file cut off?")]
    [InlineData("[]", ": found a JSON Array, expected an object.")]
    [InlineData("{}", ": 'model_type' is missing or no string, expected the architecture's name such as \"bert\".")]
    [InlineData("""{"model_type": "bert", "max_position_embeddings": -5}""", ": 'max_position_embeddings' is -5, expected a whole number of 2 or more.")]
    [InlineData("""{"model_type": "bert", "max_position_embeddings": "512"}""", ": 'max_position_embeddings' is \"512\", expected a whole number of 2 or more.")]
    [InlineData("""{"model_type": "bert", "id2label": ["joy"]}""", ": 'id2label' is a JSON Array, expected an object such as {\"0\": \"joy\"}.")]
    [InlineData("""{"model_type": "bert", "id2label": {"a": "joy"}}""", ": 'id2label' has the key 'a', expected a label's index.")]
    [InlineData("""{"model_type": "bert", "id2label": {"0": 1}}""", ": 'id2label' gives label 0 as 1, expected its name.")]
    [InlineData("""{"model_type": "bert", "id2label": {"0": "joy", "00": "fear"}}""", ": 'id2label' names label 0 twice.")]
    [InlineData("""{"model_type": "bert", "id2label": {"0": "joy", "2": "fear"}}""", ": 'id2label' has no label 1, expected the indices 0 to 1 without a gap.")]
    [InlineData("""{"model_type": "bert", "id2label": {"0": "joy", "1": "joy"}}""", ": 'id2label': label 'joy' stands at 0 and at 1, expected distinct names. Remove one of them.")]
    public void ModelConfig_BadFile_NamesFileAndField(string json, string message)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("config.json", json);
        Assert.Equal(file + message, Assert.Throws<InvalidDataException>(() => ModelConfig.Load(folder.Root)).Message);
    }

    [Fact]
    public void ModelDirectory_NotThere_SaysWhatIs()
    {
        using var folder = new TemporaryFolder();
        Assert.StartsWith($"{folder["none"]} does not exist", Assert.Throws<DirectoryNotFoundException>(() => ModelDirectory.Open(folder["none"])).Message);
        string file = folder.Write("file", "");
        Assert.Equal($"{file} is a file, expected a model directory with config.json.", Assert.Throws<DirectoryNotFoundException>(() => ModelDirectory.Open(file)).Message);
        Assert.StartsWith($"{folder["config.json"]} does not exist", Assert.Throws<FileNotFoundException>(() => ModelDirectory.Open(folder.Root)).Message);
    }

    [Fact]
    public void ModelDirectory_MoreIdsThanEmbeddings_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", """{"model_type": "bert", "vocab_size": 4}""");
        folder.Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nword\n");
        Assert.Equal(
            $"{folder.Root}: the tokenizer has 5 ids, but 'vocab_size' in config.json is 4, expected no more ids than that. Take the vocabulary that belongs to the model.",
            Assert.Throws<InvalidDataException>(() => ModelDirectory.Open(folder.Root).LoadTokenizer()).Message);
    }
}
