using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Tests.Encoders;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class ModelSummaryTests
{
    [Fact]
    public void ModelSummary_Model_CountsParametersAndOperators()
    {
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        ModelSummary summary = ModelSummary.Of(ClassifierGraph.FromCheckpoint(checkpoint).ToModel());
        Assert.Equal(checkpoint.Parameters.ElementCount, summary.ParameterCount);
        Assert.Equal("input_ids: int64[batch, sequence]", $"{summary.Inputs[0].Key}: {summary.Inputs[0].Value}");
        Assert.Equal(3, summary.Inputs.Count);
        Assert.Equal("logits: float[batch, 3]", $"{summary.Outputs[0].Key}: {summary.Outputs[0].Value}");
        Assert.Equal(KeyValuePair.Create("ai.onnx", 21L), Assert.Single(summary.Opsets));
        Assert.Equal(2, summary.Operators.Single(pair => pair.Key == "Softmax").Value);
        Assert.Equal(14, summary.Operators.Single(pair => pair.Key == "Gemm").Value);
        Assert.StartsWith("GoEmotions.Onnx ", summary.Producer);
    }

    [Fact]
    public void ModelSummary_CheckpointAndItsFile_Agree()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("distilbert", HiddenActivation.Gelu);
        CheckpointDirectory.Save(checkpoint, folder["model"]);
        using SafetensorsFile file = SafetensorsFile.Open(folder["model/model.safetensors"]);
        ModelSummary ofFile = ModelSummary.Of(file);
        ModelSummary ofCheckpoint = ModelSummary.Of(checkpoint);
        Assert.Equal(checkpoint.Parameters.ElementCount, ofFile.ParameterCount);
        Assert.Equal(ofFile.ParameterCount, ofCheckpoint.ParameterCount);
        Assert.Equal(4 * ofFile.ParameterCount, ofFile.TensorSizeInBytes);
        Assert.Equal(ofFile.Tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal), ofCheckpoint.Tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Empty(ofFile.Operators);
    }

    [Theory]
    [InlineData("tiny", 4_389_532)]
    [InlineData("mini", 11_177_756)]
    [InlineData("small", 22_723_996)]
    [InlineData("base", 109_503_772)]
    public void EncoderSize_BertParameters_AreAsPublished(string size, long expected)
    {
        // Published for the encoders with pooler: bert-base-uncased 109,482,240, MiniLM-L6-H384 22,713,216, BERT-Tiny 4,385,920;
        // the head of 28 labels adds 28 x (hidden + 1).
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Parse(size), 30522, [.. Enumerable.Range(0, 28).Select(label => $"{label}")]);
        Assert.Equal(expected, config.Architecture.GetParameters(config).Sum(spec => spec.ElementCount));
    }
}
