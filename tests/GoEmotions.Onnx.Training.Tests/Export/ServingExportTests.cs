using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Quantization;
using GoEmotions.Onnx.Training.Tests.Quantization;

namespace GoEmotions.Onnx.Training.Tests.Export;

public sealed class ServingExportTests(TrainedModel model) : IClassFixture<TrainedModel>
{
    private ServingExportOptions Options => new()
    {
        Variants = [ServingPrecision.Float32, ServingPrecision.Int8, ServingPrecision.Float16],
        CalibrationTexts = model.Texts,
        GateDataset = model.Development,
    };

    [Fact]
    public void ServingExport_TrainedModel_WritesVariantsThatScoreAlike()
    {
        using var folder = new TemporaryFolder();
        model.Save(folder.Root);
        ServingExportResult result = ServingExport.Write(folder.Root, Options);
        Assert.True(model.MicroF1 > 0.9, $"micro F1 is {model.MicroF1}");
        Assert.True(result.Gate!.Passed, result.Gate.Describe());
        Assert.Equal(["serving.onnx", "serving_int8.onnx", "serving_fp16.onnx"], result.Files.Select(Path.GetFileName));
        Assert.Equal(3, Directory.GetFileSystemEntries(Path.Combine(folder.Root, "onnx")).Length);
        int[][] texts = ServingSession.Encode(model.Development.Select(example => example.Text), model.Tokenizer, 32);
        float[][] logits = [.. result.Files.Select(file => Score(file, 256))];

        // The gate's own figures, found again from the files.
        float[] errors = [.. logits[0].Zip(logits[1], (left, right) => Math.Abs(left - right))];
        Assert.Equal(result.Gate.LargestLogitError, errors.Max(), 1e-6);
        Assert.InRange(errors.Average(), 1e-6, 0.1);
        Assert.InRange(logits[0].Zip(logits[2], (left, right) => Math.Abs(left - right)).Max(), 1e-7, 0.05);

        // A text's scores do not depend on its neighbours (see the tests of the graph for the bounds).
        Assert.InRange(logits[0].Zip(Score(result.Files[0], 1), (left, right) => Math.Abs(left - right)).Max(), 0, 1e-5);
        Assert.InRange(logits[1].Zip(Score(result.Files[1], 1), (left, right) => Math.Abs(left - right)).Max(), 0, 0.02);

        float[] Score(string file, int maxBatchTokens)
        {
            using var session = new ServingSession(ModelFile.Load(file), 1);
            return session.Score(texts, TrainedModel.Labels.Count, maxBatchTokens);
        }
    }

    [Fact]
    public void ServingExport_SameModel_GivesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        model.Save(folder.Root);
        byte[][] Write() => [.. ServingExport.Write(folder.Root, Options).Files.Select(File.ReadAllBytes)];
        Assert.Equal(Write(), Write());
    }

    [Fact]
    public void ServingExport_GateFails_WritesNoInt8AndRemovesAnOlderOne()
    {
        using var folder = new TemporaryFolder();
        model.Save(folder.Root);
        string file = ServingExport.Write(folder.Root, Options with { Variants = [ServingPrecision.Int8] }).Files.Single();
        ServingExportResult result = ServingExport.Write(folder.Root, Options with { Gate = new QuantizationGate { MaxMicroF1Loss = -1 } });
        Assert.False(result.Gate!.Passed);
        Assert.StartsWith("failed: ", result.Gate.Describe());
        Assert.False(File.Exists(file));
        Assert.Equal(["serving.onnx", "serving_fp16.onnx"], result.Files.Select(Path.GetFileName));
    }

    [Fact]
    public void ServingExport_BadInput_IsRefusedBeforeAnythingIsWritten()
    {
        using var folder = new TemporaryFolder();
        model.Save(folder.Root);
        Assert.StartsWith("there are no calibration texts", Refusal(Options with { CalibrationTexts = [] }));
        Assert.StartsWith("the gate's data set has 0 texts", Refusal(Options with { GateDataset = null }));
        Assert.StartsWith("the gate's data set has 1 texts and 2 labels, expected at least one text and the model's 3 labels", Refusal(Options with { GateDataset = EmotionDataset.Create(EmotionLabels.Create("a", "b"), model.Development[0] with { Labels = default }) }));
        Assert.StartsWith("the variants are []", Refusal(Options with { Variants = [] }));
        Assert.StartsWith("the variants are [Int8, Int8]", Refusal(Options with { Variants = [ServingPrecision.Int8, ServingPrecision.Int8] }));
        Assert.False(Directory.Exists(Path.Combine(folder.Root, "onnx")));
        Assert.Throws<DirectoryNotFoundException>(() => ServingExport.Write(Path.Combine(folder.Root, "none"), Options));

        ParameterSet headless = new([.. model.Checkpoint.Parameters.Where(parameter => !parameter.Name.StartsWith("classifier", StringComparison.Ordinal))]);
        SafetensorsFile.Write(Path.Combine(folder.Root, "model.safetensors"), headless);
        Assert.Contains("its weights lack 'classifier.weight', expected a trained classifier.", Assert.Throws<InvalidDataException>(() => ServingExport.Write(folder.Root, Options)).Message);

        string Refusal(ServingExportOptions options) => Assert.Throws<ArgumentException>(() => ServingExport.Write(folder.Root, options)).Message;
    }
}
