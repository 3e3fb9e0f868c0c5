using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>Exported directories in transformers.js and in ONNX Runtime's builds for Node and the web, against the engine.</summary>
public sealed class JavaScriptParityTests(ExportedModels models, ITestOutputHelper output) : IClassFixture<ExportedModels>
{
    // Other releases of ONNX Runtime, other batches: other orders of summation. Measured: 6e-8 in probabilities, 8e-6 in logits.
    private const float Tolerance = 1e-4f;

    /// <summary>
    /// How far a variant may be from the engine's own graph of that variant, in probabilities and in logits. int8 has the engine's
    /// codes and ranges; where a sum of floats is another in its last bit, a value may get the neighbouring code, once in a while,
    /// and the layers behind carry that on. float16 has 11 bits, and each release of ONNX Runtime rounds at other places on the CPU.
    /// </summary>
    private static readonly Dictionary<ModelVariant, (string DType, string File, float Probability, float Logit)> Variants = new()
    {
        [ModelVariant.Fp32] = ("fp32", "model.onnx", Tolerance, Tolerance),
        [ModelVariant.Int8] = ("q8", "model_quantized.onnx", 0.01f, 0.1f),
        [ModelVariant.Fp16] = ("fp16", "model_fp16.onnx", 0.005f, 0.02f),
    };

    /// <summary>Each model in each variant.</summary>
    public static TheoryData<string, ModelVariant> KindsAndVariants { get; } = new(
        from kind in Kinds
        from variant in Variants.Keys
        select (kind, variant));

    /// <summary>Each of them in each build of ONNX Runtime.</summary>
    public static TheoryData<string, ModelVariant, string> Runtimes { get; } = new(
        from kind in Kinds
        from variant in Variants.Keys
        from runtime in new[] { "node", "web" }
        select (kind, variant, runtime));

    private static string[] Kinds => ["default", "bert", "distilbert"];

    // Of a text that is longer than the encoder's positions, transformers.js 4.3.1 drops the [SEP] at the end, which Hugging Face's
    // Python library and the engine keep: its scores are others there (by 0.005 for random parameters). The texts here fit.
    [Theory]
    [MemberData(nameof(KindsAndVariants))]
    public void TextClassificationPipeline_EachVariant_GivesOurScores(string kind, ModelVariant variant)
    {
        NodeProgram.Transformers.Require();
        string directory = models.Get(kind);
        using EmotionClassifier classifier = EmotionClassifier.Load(directory, new EmotionClassifierOptions { Variant = variant });
        Assert.StartsWith("serving", Path.GetFileName(classifier.ModelFile));
        string[] texts = [.. ExportedModels.Texts];
        float[] expected = new float[texts.Length * classifier.Labels.Count];
        classifier.Score(texts, expected);
        (string type, _, float tolerance, _) = Variants[variant];
        AssertClose($"{kind}: transformers.js, {type}", expected, JavaScript.Classify(directory, type, texts, classifier.Labels), tolerance);
    }

    [Fact]
    public void AutoTokenizer_SampleTexts_GivesOurIds() => CompareIds([.. ExportedModels.Texts, string.Join(' ', Enumerable.Repeat("so very happy", 400))]);

    [Fact]
    public void AutoTokenizer_GoEmotionsDev_GivesOurIds() =>
        CompareIds([.. File.ReadLines(TestFiles.Shared("data/goemotions/dev.tsv")).Select(line => line.Split('\t')[0])]);

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void OnnxRuntime_EachBuild_GivesOurLogits(string kind, ModelVariant variant, string runtime)
    {
        NodeProgram.Transformers.Require();
        string directory = models.Get(kind);
        WordPieceTokenizer tokenizer = ModelDirectory.Open(directory).LoadTokenizer();
        using EmotionClassifier classifier = EmotionClassifier.Load(directory, new EmotionClassifierOptions { Variant = variant });
        string[] texts = [.. ExportedModels.Texts];
        float[] expected = new float[texts.Length * classifier.Labels.Count];
        classifier.ScoreLogits(texts, expected);
        TokenRows[] batches = [.. texts.Chunk(16).Select(chunk => TokenRows.Encode(tokenizer, chunk))];
        (_, string file, _, float tolerance) = Variants[variant];
        AssertClose($"{kind}: onnxruntime-{runtime}, {file}", expected, JavaScript.Run(Path.Combine(directory, "onnx", file), runtime, batches), tolerance);
    }

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
