using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Parity.Tests.Encoders;
using GoEmotions.Onnx.Tokenization;
using TorchSharp;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>The weights of exported directories in PyTorch, taken from the file by their names, against the engine.</summary>
public sealed class SafetensorsParityTests(ExportedModels models, ITestOutputHelper output) : IClassFixture<ExportedModels>
{
    private const float Tolerance = 1e-4f;

    [Theory]
    [MemberData(nameof(ExportedModels.Kinds), MemberType = typeof(ExportedModels))]
    public void ModelSafetensors_InPyTorch_GivesOurLogits(string kind)
    {
        TorchLibrary.Require();
        Compare(kind, "F32", models.Get(kind));
    }

    [Theory]
    [MemberData(nameof(ExportedModels.Kinds), MemberType = typeof(ExportedModels))]
    public void HalfModelSafetensors_InPyTorch_GivesOurLogits(string kind)
    {
        TorchLibrary.Require();
        Compare(kind, "F16", models.GetHalf(kind));
    }

    private void Compare(string kind, string type, string directory)
    {
        EncoderConfig config = EncoderConfig.Load(Path.Combine(directory, EncoderConfig.FileName));
        WordPieceTokenizer tokenizer = ModelDirectory.Open(directory).LoadTokenizer();
        using EmotionClassifier classifier = EmotionClassifier.Load(directory, new EmotionClassifierOptions { Variant = ModelVariant.Fp32 });
        string[] texts = [.. ExportedModels.Texts];
        float[] expected = new float[texts.Length * classifier.Labels.Count];
        classifier.ScoreLogits(texts, expected);
        using IDisposable scope = torch.NewDisposeScope();
        using var model = new TorchEncoder(config, SafetensorsReader.Read(Path.Combine(directory, "model.safetensors"), type));
        float[] found = [.. texts.Chunk(16).Select(chunk => TokenRows.Encode(tokenizer, chunk))
            .SelectMany(rows => model.Logits(rows.Ids, rows.Mask, new long[rows.Ids.Length], rows.Count, rows.Sequence))];
        Assert.Equal(expected.Length, found.Length);
        float worst = expected.Zip(found, (ours, theirs) => Math.Abs(ours - theirs)).Max();
        output.WriteLine($"{kind}, {type}: {texts.Length} texts, logits from {expected.Min():0.00} to {expected.Max():0.00}, worst difference {worst:E1}");
        Assert.True(worst <= Tolerance, $"the logits differ by {worst}, expected at most {Tolerance}");
    }
}
