using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>Exported directories in transformers.js and in ONNX Runtime's builds for Node and the web, against the engine.</summary>
public sealed class JavaScriptParityTests(ExportedModels models, ITestOutputHelper output) : IClassFixture<ExportedModels>
{
    // Other releases of ONNX Runtime, other batches: other orders of summation. Measured: 6e-8 in probabilities, 8e-6 in logits.
    private const float Tolerance = 1e-4f;

    // Of a text that is longer than the encoder's positions, transformers.js 4.3.1 drops the [SEP] at the end, which Hugging Face's
    // Python library and the engine keep: its scores are others there (by 0.005 for random parameters). The texts here fit.
    [Theory]
    [MemberData(nameof(ExportedModels.Kinds), MemberType = typeof(ExportedModels))]
    public void TextClassificationPipeline_Fp32_GivesOurScores(string kind)
    {
        NodeProgram.Transformers.Require();
        string directory = models.Get(kind);
        using EmotionClassifier classifier = EmotionClassifier.Load(directory, new EmotionClassifierOptions { Variant = ModelVariant.Fp32 });
        string[] texts = [.. ExportedModels.Texts];
        float[] expected = new float[texts.Length * classifier.Labels.Count];
        classifier.Score(texts, expected);
        AssertClose($"{kind}: transformers.js, fp32", expected, JavaScript.Classify(directory, "fp32", texts, classifier.Labels), Tolerance);
    }

    [Fact]
    public void AutoTokenizer_SampleTexts_GivesOurIds() => CompareIds([.. ExportedModels.Texts, string.Join(' ', Enumerable.Repeat("so very happy", 400))]);

    [Fact]
    public void AutoTokenizer_GoEmotionsDev_GivesOurIds() =>
        CompareIds([.. File.ReadLines(TestFiles.Shared("data/goemotions/dev.tsv")).Select(line => line.Split('\t')[0])]);

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void OnnxRuntime_EachBuild_GivesOurLogits(string kind, string runtime)
    {
        NodeProgram.Transformers.Require();
        string directory = models.Get(kind);
        WordPieceTokenizer tokenizer = ModelDirectory.Open(directory).LoadTokenizer();
        using EmotionClassifier classifier = EmotionClassifier.Load(directory, new EmotionClassifierOptions { Variant = ModelVariant.Fp32 });
        string[] texts = [.. ExportedModels.Texts];
        float[] expected = new float[texts.Length * classifier.Labels.Count];
        classifier.ScoreLogits(texts, expected);
        TokenRows[] batches = [.. texts.Chunk(16).Select(chunk => TokenRows.Encode(tokenizer, chunk))];
        AssertClose($"{kind}: onnxruntime-{runtime}", expected, JavaScript.Run(Path.Combine(directory, "onnx", "model.onnx"), runtime, batches), Tolerance);
    }

    /// <summary>Each model in each build.</summary>
    public static TheoryData<string, string> Runtimes { get; } = new(
        from kind in new[] { "default", "bert", "distilbert" }
        from runtime in new[] { "node", "web" }
        select (kind, runtime));

    private void CompareIds(IReadOnlyList<string> texts)
    {
        NodeProgram.Transformers.Require();
        string directory = models.Get("default");
        WordPieceTokenizer tokenizer = ModelDirectory.Open(directory).LoadTokenizer();
        int[][] found = JavaScript.Tokenize(directory, texts);
        Assert.Equal(texts.Count, found.Length);
        string[] different = [.. texts.Where((text, index) => !tokenizer.Tokenize(text, int.MaxValue).Select(token => token.Id).SequenceEqual(found[index]))];
        Assert.True(different.Length == 0, $"{different.Length} of {texts.Count} texts have other ids, the first '{different.FirstOrDefault()}'");
        output.WriteLine($"{texts.Count} texts, 0 differences");
    }

    private void AssertClose(string what, float[] expected, float[] found, float tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        float worst = expected.Zip(found, (ours, theirs) => Math.Abs(ours - theirs)).Max();
        output.WriteLine($"{what}: {expected.Length} values from {expected.Min():0.0000} to {expected.Max():0.0000}, worst difference {worst:E1}");

        // Values that hardly differ among themselves would agree without meaning anything.
        Assert.True(expected.Max() - expected.Min() > 0.3f, $"{what}: the values lie within {expected.Max() - expected.Min()}");
        Assert.True(worst <= tolerance, $"{what}: the values differ by {worst}, expected at most {tolerance}");
    }
}
