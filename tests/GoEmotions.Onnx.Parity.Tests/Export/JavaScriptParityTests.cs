using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>Exported directories in transformers.js and in ONNX Runtime's builds for Node and the web, against the engine.</summary>
public sealed class JavaScriptParityTests(ExportedModels models, ITestOutputHelper output) : IClassFixture<ExportedModels>
{
    // Other releases of ONNX Runtime, other batches: other orders of summation. Measured: 8e-7 in probabilities, 8e-6 in logits.
    private const float Tolerance = 1e-4f;

    // float16 has 11 bits, and each release of ONNX Runtime rounds at other places on the CPU. Measured for random parameters: 1.7e-3
    // in probabilities, 1.2e-2 in logits.
    private const float HalfTolerance = 0.03f;

    // int8 has the engine's codes and ranges. But where a sum of floats differs in its last bits, a value on the border between two
    // codes gets the other one, and the layers behind carry that step on. So it is held against what int8 itself costs: the largest
    // difference may be no larger than the largest of the engine's int8 from its fp32, the mean at most a tenth of that mean.
    // Measured in logits: in WebAssembly up to 0.19 of 0.39, on average 0.0009 of 0.055; in Node at most 1.4e-6.
    private const float Int8MeanShare = 0.1f;

    private static readonly Dictionary<ModelVariant, (string DType, string File)> Variants = new()
    {
        [ModelVariant.Fp32] = ("fp32", "model.onnx"),
        [ModelVariant.Int8] = ("q8", "model_quantized.onnx"),
        [ModelVariant.Fp16] = ("fp16", "model_fp16.onnx"),
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
        string[] texts = [.. ExportedModels.Texts];
        (string type, _) = Variants[variant];
        Compare($"{kind}: transformers.js, {type}", variant, value => Score(directory, value, texts), labels => JavaScript.Classify(directory, type, texts, labels));

        static (EmotionLabels Labels, float[] Values) Score(string directory, ModelVariant variant, string[] texts)
        {
            using EmotionClassifier classifier = Load(directory, variant);
            float[] probabilities = new float[texts.Length * classifier.Labels.Count];
            classifier.Score(texts, probabilities);
            return (classifier.Labels, probabilities);
        }
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
        string[] texts = [.. ExportedModels.Texts];
        WordPieceTokenizer tokenizer = ModelDirectory.Open(directory).LoadTokenizer();
        TokenRows[] batches = [.. texts.Chunk(16).Select(chunk => TokenRows.Encode(tokenizer, chunk))];
        (_, string file) = Variants[variant];
        Compare($"{kind}: onnxruntime-{runtime}, {file}", variant, value => Score(directory, value, texts), _ => JavaScript.Run(Path.Combine(directory, "onnx", file), runtime, batches));

        static (EmotionLabels Labels, float[] Values) Score(string directory, ModelVariant variant, string[] texts)
        {
            using EmotionClassifier classifier = Load(directory, variant);
            float[] logits = new float[texts.Length * classifier.Labels.Count];
            classifier.ScoreLogits(texts, logits);
            return (classifier.Labels, logits);
        }
    }

    // The engine's own graph of the variant, not the one that is compared with it.
    private static EmotionClassifier Load(string directory, ModelVariant variant)
    {
        EmotionClassifier classifier = EmotionClassifier.Load(directory, new EmotionClassifierOptions { Variant = variant });
        Assert.StartsWith("serving", Path.GetFileName(classifier.ModelFile));
        return classifier;
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

    private void Compare(string what, ModelVariant variant, Func<ModelVariant, (EmotionLabels Labels, float[] Values)> ours, Func<EmotionLabels, float[]> theirs)
    {
        (EmotionLabels labels, float[] expected) = ours(variant);
        (float worst, float mean) = Differences(expected, theirs(labels));
        output.WriteLine($"{what}: {expected.Length} values from {expected.Min():0.0000} to {expected.Max():0.0000}, differences {worst:E1} at most, {mean:E1} on average");

        // Values that hardly differ among themselves would agree without meaning anything.
        Assert.True(expected.Max() - expected.Min() > 0.3f, $"{what}: the values lie within {expected.Max() - expected.Min()}");
        if (variant != ModelVariant.Int8)
        {
            float tolerance = variant == ModelVariant.Fp16 ? HalfTolerance : Tolerance;
            Assert.True(worst <= tolerance, $"{what}: the values differ by {worst}, expected at most {tolerance}");
            return;
        }

        (float worstOfInt8, float meanOfInt8) = Differences(ours(ModelVariant.Fp32).Values, expected);
        output.WriteLine($"{what}: int8 itself differs from fp32 by {worstOfInt8:E1} at most, {meanOfInt8:E1} on average");
        Assert.True(worst <= worstOfInt8, $"{what}: the values differ by {worst}, expected at most {worstOfInt8} as int8 from fp32");
        Assert.True(mean <= Int8MeanShare * meanOfInt8, $"{what}: the values differ by {mean} on average, expected at most {Int8MeanShare} of {meanOfInt8}");
    }

    private static (float Worst, float Mean) Differences(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        float[] differences = [.. expected.Zip(found, (ours, theirs) => Math.Abs(ours - theirs))];
        return (differences.Max(), differences.Average());
    }
}
