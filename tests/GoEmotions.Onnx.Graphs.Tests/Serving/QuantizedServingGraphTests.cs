using System.Runtime.InteropServices;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Tests.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests.Serving;

public sealed class QuantizedServingGraphTests
{
    [Theory]
    [InlineData("bert", 7, ServingForm.Packed)]
    [InlineData("bert", 8, ServingForm.Padded)]
    [InlineData("distilbert", 7, ServingForm.Packed)]
    [InlineData("bert", 7, ServingForm.Masked)]
    [InlineData("distilbert", 8, ServingForm.Masked)]
    public void ServingGraph_Int8_IsNearFloatAndGivesEachTextItsOwn(string modelType, int weightBits, ServingForm form)
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 300, ["joy", "fear", "neutral"], modelType) with { InitializerRange = 0.08 };
        Checkpoint checkpoint = ServingGraphTests.RandomEverywhere(config);
        ServingBatch texts = ServingBatch.Random(1, config.VocabularySize, 33, 2, 16, 1, 77, 9);
        QuantizationOptions quantization = Calibrate(checkpoint, texts) with { WeightBits = weightBits, QuantizesHead = weightBits == 8 };
        ModelProto reference = ServingGraph.FromCheckpoint(checkpoint).ToModel();
        ModelProto model = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = ServingPrecision.Int8, Form = form, Quantization = quantization }).ToModel();
        Assert.Empty(GraphChecker.Check(model));
        using var session = new InferenceSession(model.ToByteArray(), OnnxRun.Options());
        float[] expected = OnnxRun.Run(reference, texts.ServingInputs(reference))[0].Floats;
        float[] together = OnnxRun.Run(session, texts.ServingInputs(model))[0].Floats;
        float[] alone = [.. Enumerable.Range(0, texts.Texts.Length).SelectMany(text => OnnxRun.Run(session, texts.Only(text).ServingInputs(model))[0].Floats)];

        // Two layers of random weights, logits up to 3: steps of 1/255 of each range and 1/128 of each column add up to this much.
        double error = ServingGraphTests.WorstDifference(expected, together);
        Assert.InRange(error, 1e-6, 0.15);

        // Ranges are constants of the graph, so that neighbours change nothing. Float32 attention may sum in another order on another
        // CPU and move a value over the border between two codes; on those tried (AVX-512) the scores are the same bits.
        Assert.InRange(ServingGraphTests.WorstDifference(alone, together), 0, 0.02);
    }

    [Theory]
    [InlineData("bert", ServingPrecision.Float32)]
    [InlineData("bert", ServingPrecision.Int8)]
    [InlineData("bert", ServingPrecision.Float16)]
    [InlineData("distilbert", ServingPrecision.Int8)]
    public void ServingGraph_Masked_IsOfStandardOperatorsWithTheClassifiersInputs(string modelType, ServingPrecision precision)
    {
        Checkpoint checkpoint = ClassifierGraphTests.Small(modelType, HiddenActivation.Gelu);
        QuantizationOptions? quantization = precision == ServingPrecision.Int8 ? Calibrate(checkpoint, ServingBatch.Random(2, checkpoint.Config.VocabularySize, 9, 4)) : null;
        ModelProto model = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Form = ServingForm.Masked, Precision = precision, Quantization = quantization }).ToModel();
        Assert.Equal([("", (long)ServingGraph.MaskedOpset)], model.OpsetImport.Select(import => (import.Domain, import.Version)));
        Assert.All(model.Graph.Node, node => Assert.Equal("", node.Domain));
        ModelProto classifier = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        Assert.Equal(classifier.Graph.Input, model.Graph.Input);
        Assert.Equal(classifier.Graph.Output, model.Graph.Output);
    }

    // The same codes and ranges in other operators: what differs is the order in which floats are added, and that may move a value
    // over the border between two codes.
    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void ServingGraph_Int8Masked_GivesWhatPackedGives(string modelType)
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 300, ["joy", "fear", "neutral"], modelType) with { InitializerRange = 0.08 };
        Checkpoint checkpoint = ServingGraphTests.RandomEverywhere(config);
        ServingBatch texts = ServingBatch.Random(1, config.VocabularySize, 33, 2, 16, 1, 77, 9);
        QuantizationOptions quantization = Calibrate(checkpoint, texts);
        ModelProto packed = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = ServingPrecision.Int8, Quantization = quantization }).ToModel();
        ModelProto masked = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = ServingPrecision.Int8, Form = ServingForm.Masked, Quantization = quantization }).ToModel();
        double difference = ServingGraphTests.WorstDifference(OnnxRun.Run(packed, texts.ServingInputs(packed))[0].Floats, OnnxRun.Run(masked, texts.ServingInputs(masked))[0].Floats);
        TestContext.Current.TestOutputHelper?.WriteLine($"{modelType}: worst difference {difference:0.0e0}");
        Assert.InRange(difference, 0, 0.02);
    }

    // Were they not, it would dequantize the weights at each run and be slower than float32.
    [Fact]
    public void ServingGraph_Int8Masked_IsIntegerProductsInOnnxRuntime()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        QuantizationOptions quantization = Calibrate(checkpoint, ServingBatch.Random(2, checkpoint.Config.VocabularySize, 9, 4));
        ModelProto model = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = ServingPrecision.Int8, Form = ServingForm.Masked, Quantization = quantization }).ToModel();
        using SessionOptions options = OnnxRun.Options();
        options.OptimizedModelFilePath = folder["optimized.onnx"];
        using (new InferenceSession(model.ToByteArray(), options))
        {
            string[] operators = [.. ModelFile.Load(folder["optimized.onnx"]).Graph.Node.Select(node => node.OpType)];
            Assert.DoesNotContain("DequantizeLinear", operators);

            // Query, key and value, attention's output and two of the feed-forward part; in the last layer the query by itself.
            Assert.Equal(4 + 5, operators.Count(type => type == "QGemm"));
        }
    }

    [Fact]
    public void ServingGraph_Masked_LooksAtTokenTypes()
    {
        Checkpoint checkpoint = ServingGraphTests.RandomEverywhere(EncoderConfig.Create(EncoderSize.Tiny, 300, ["joy", "fear", "neutral"]) with { InitializerRange = 0.08 });
        ModelProto classifier = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        ModelProto masked = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Form = ServingForm.Masked }).ToModel();
        var pair = new Batch(1, 6, [5, 9, 7, 8, 11, 2], [1, 1, 1, 1, 1, 0], [0, 0, 0, 1, 1, 0]);
        var single = new Batch(1, 6, pair.InputIds, pair.AttentionMask, new long[6]);
        float[] expected = OnnxRun.Run(classifier, pair.Inputs(classifier))[0].Floats;
        Assert.InRange(ServingGraphTests.WorstDifference(expected, OnnxRun.Run(masked, pair.Inputs(masked))[0].Floats), 0, 1e-5);
        Assert.True(ServingGraphTests.WorstDifference(expected, OnnxRun.Run(masked, single.Inputs(masked))[0].Floats) > 0.01);
    }

    [Fact]
    public void ServingGraph_Int8_SaysHowItWasMade()
    {
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        ServingBatch texts = ServingBatch.Random(2, checkpoint.Config.VocabularySize, 9, 4);
        QuantizationOptions quantization = Calibrate(checkpoint, texts) with { Calibration = "min-max of 2 texts" };
        ModelProto model = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = ServingPrecision.Int8, Quantization = quantization }).ToModel();
        Assert.Equal(
            ["goemotions.form=packed", "goemotions.precision=int8", "goemotions.max_positions=24", "goemotions.weight_bits=7", "goemotions.calibration=min-max of 2 texts"],
            model.MetadataProps.Select(entry => $"{entry.Key}={entry.Value}"));
        using var session = new InferenceSession(model.ToByteArray(), OnnxRun.Options());
        Assert.Equal("packed", session.ModelMetadata.CustomMetadataMap[ServingGraph.FormKey]);
        Assert.Equal(["input_ids", "position_ids", "lengths", "pad_index", "unpad_index"], model.Graph.Input.Select(input => input.Name));
    }

    [Theory]
    [InlineData(7, 64)]
    [InlineData(8, 127)]
    public void ServingGraph_Int8_HasCodesUpToTheLimitOfItsBits(int weightBits, int limit)
    {
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        QuantizationOptions quantization = Calibrate(checkpoint, ServingBatch.Random(2, checkpoint.Config.VocabularySize, 9)) with { WeightBits = weightBits };
        ModelProto model = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = ServingPrecision.Int8, Quantization = quantization }).ToModel();
        string[] weights = [.. model.Graph.Node.Where(node => node.OpType == "MatMulIntegerToFloat").Select(node => node.Input[1])];
        Assert.Equal((4 * 2) + 1, weights.Length);
        foreach (TensorProto tensor in model.Graph.Initializer.Where(tensor => weights.Contains(tensor.Name)))
        {
            sbyte[] codes = MemoryMarshal.Cast<byte, sbyte>(tensor.RawData.Span).ToArray();
            Assert.Equal(limit, codes.Max(code => Math.Abs((int)code)));
        }
    }

    // AVX2 without VNNI multiplies bytes with vpmaddubsw: it adds two neighbouring products and saturates the sum to 16 bits, and the
    // sums then add up in 32 bits without loss.
    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(127, false)]
    public void Int8Product_PairsSaturatedTo16Bits_AreExactUpToSevenBits(int weightLimit, bool isExact)
    {
        byte[] activations = [255, 255, 255, 255, 0, 255, 17, 200];
        sbyte[] weights = [.. new[] { 1, 1, -1, -1, 1, 1, -1, 1 }.Select(sign => (sbyte)(sign * weightLimit))];
        Assert.Equal(isExact, Saturating(activations, weights) == Exact(activations, weights));
        if (isExact)
        {
            var random = new Random(6);
            for (int draw = 0; draw < 1000; draw++)
            {
                random.NextBytes(activations);
                sbyte[] drawn = [.. activations.Select(_ => (sbyte)random.Next(-weightLimit, weightLimit + 1))];
                Assert.Equal(Exact(activations, drawn), Saturating(activations, drawn));
            }
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void Int8Product_OfOnnxRuntime_EqualsTheReference(int weightBits)
    {
        int limit = weightBits == 7 ? 64 : 127;
        Assert.SkipUnless(weightBits == 7 || System.Runtime.Intrinsics.X86.AvxVnni.IsSupported || System.Runtime.Intrinsics.Arm.Dp.IsSupported, "8-bit weights are exact only where bytes have a dot product of their own");
        const int Rows = 3, Inner = 66, Columns = 17;
        var random = new Random(7);
        byte[] activations = [.. Enumerable.Range(0, Rows * Inner).Select(index => index % 3 == 0 ? (byte)255 : (byte)random.Next(256))];
        sbyte[] weights = [.. Enumerable.Range(0, Inner * Columns).Select(index => (sbyte)(index % 5 == 0 ? limit : random.Next(-limit, limit + 1)))];
        var builder = new GraphBuilder("product", ServingGraph.Opset);
        GraphValue codes = builder.Node("QuantizeLinear", [builder.Input("x", ElementType.Float32, [Rows, Inner]), builder.Scalar(1f), builder.Scalar((byte)0)]);
        builder.Output(
            builder.Node(
                GraphBuilder.MicrosoftDomain,
                "MatMulIntegerToFloat",
                [codes, builder.Initializer<sbyte>("w", weights, Inner, Columns), builder.Scalar(1f), builder.Initializer<float>("s", Enumerable.Repeat(1f, Columns).ToArray(), Columns), builder.Scalar((byte)0), null],
                1)[0],
            "y");
        float[] products = OnnxRun.Run(builder.ToModel(), new Dictionary<string, OrtValue> { ["x"] = OnnxRun.Tensor(Array.ConvertAll(activations, code => (float)code), Rows, Inner) })[0].Floats;
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
            {
                sbyte[] columnWeights = [.. Enumerable.Range(0, Inner).Select(inner => weights[(inner * Columns) + column])];
                Assert.Equal(Exact(activations[(row * Inner)..((row + 1) * Inner)], columnWeights), products[(row * Columns) + column]);
            }
        }
    }

    [Theory]
    [InlineData(ServingForm.Packed)]
    [InlineData(ServingForm.Padded)]
    [InlineData(ServingForm.Masked)]
    public void ServingGraph_Float16_IsNearFloat32(ServingForm form)
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 300, ["joy", "fear", "neutral"], "bert") with { InitializerRange = 0.08 };
        Checkpoint checkpoint = ServingGraphTests.RandomEverywhere(config);
        ServingBatch texts = ServingBatch.Random(1, config.VocabularySize, 33, 2, 16, 1, 77, 9);
        ModelProto reference = ServingGraph.FromCheckpoint(checkpoint).ToModel();
        ServingGraph graph = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = ServingPrecision.Float16, Form = form });
        ModelProto model = graph.ToModel();
        Assert.Empty(GraphChecker.Check(model));
        Assert.All(model.Graph.Node, node => Assert.Equal("", node.Domain));
        Assert.DoesNotContain(model.Graph.Initializer, tensor => tensor.DataType == (int)ElementType.Float32 && tensor.Dims.Count > 0);
        Assert.Equal(ElementType.Float32, graph.Builder.Value("layer.0/Softmax").ElementType);
        Assert.Equal(ElementType.Float32, graph.Logits.ElementType);

        // 11 bits of significand through two layers; logits up to 3.
        float[] expected = OnnxRun.Run(reference, texts.ServingInputs(reference))[0].Floats;
        Assert.InRange(ServingGraphTests.WorstDifference(expected, OnnxRun.Run(model, texts.ServingInputs(model))[0].Floats), 1e-7, 0.02);
    }

    [Fact]
    public void ServingGraph_OptionsThatDoNotFit_AreRefused()
    {
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        QuantizationOptions quantization = Calibrate(checkpoint, ServingBatch.Random(2, checkpoint.Config.VocabularySize, 9));
        Assert.StartsWith("precision is Int8 and Quantization is null", Refusal(new ServingGraphOptions { Precision = ServingPrecision.Int8 }));
        Assert.StartsWith("precision is Float32 and Quantization is given", Refusal(new ServingGraphOptions { Quantization = quantization }));
        Assert.StartsWith("WeightBits is 6, expected 7 or 8.", Refusal(Int8(quantization with { WeightBits = 6 })));
        var missing = quantization.Ranges.Where(pair => pair.Key != "layer.1.inner").ToDictionary();
        Assert.StartsWith("there is no range for activation 'layer.1.inner' among 9", Refusal(Int8(quantization with { Ranges = missing })));
        missing["layer.1.inner"] = new ActivationRange(float.NaN, 1);
        Assert.Throws<InvalidDataException>(() => ServingGraph.FromCheckpoint(checkpoint, Int8(quantization with { Ranges = missing })));
        checkpoint.Parameters["classifier.weight"].Values.Span[0] = 1e6f;
        Assert.StartsWith("parameter 'classifier.weight' holds 1000000", Refusal(new ServingGraphOptions { Precision = ServingPrecision.Float16 }));

        string Refusal(ServingGraphOptions options) => Assert.Throws<ArgumentException>(() => ServingGraph.FromCheckpoint(checkpoint, options)).Message;

        static ServingGraphOptions Int8(QuantizationOptions quantization) => new() { Precision = ServingPrecision.Int8, Quantization = quantization };
    }

    [Theory]
    [InlineData(-1, 1.04f, 0.008f, 125)]
    [InlineData(0.5f, 2.55f, 0.01f, 0)]
    [InlineData(-2.55f, -1, 0.01f, 255)]
    [InlineData(0, 0, 1, 0)]
    public void ActivationRange_ToUInt8_SpansTheRangeAndZero(float minimum, float maximum, float scale, byte zeroPoint)
    {
        (float foundScale, byte foundZeroPoint) = new ActivationRange(minimum, maximum).ToUInt8();
        Assert.Equal(scale, foundScale, 1e-7);
        Assert.Equal(zeroPoint, foundZeroPoint);
    }

    private static int Exact(byte[] activations, sbyte[] weights) => activations.Zip(weights, (activation, weight) => activation * weight).Sum();

    private static int Saturating(byte[] activations, sbyte[] weights) => Enumerable.Range(0, activations.Length / 2)
        .Sum(pair => Math.Clamp((activations[2 * pair] * weights[2 * pair]) + (activations[(2 * pair) + 1] * weights[(2 * pair) + 1]), short.MinValue, short.MaxValue));

    // The lowest and highest value of each activation on the texts themselves.
    private static QuantizationOptions Calibrate(Checkpoint checkpoint, ServingBatch texts)
    {
        ServingGraph graph = ServingGraph.FromCheckpoint(checkpoint);
        string[] names = [.. graph.Activations.Keys];
        foreach (string name in names)
        {
            graph.Builder.Output(graph.Builder.Value(graph.Activations[name]));
        }

        ModelProto model = graph.ToModel();
        OrtResult[] values = OnnxRun.Run(model, texts.ServingInputs(model), [.. names.Select(name => graph.Activations[name])]);
        return new QuantizationOptions { Ranges = names.Zip(values).ToDictionary(pair => pair.First, pair => new ActivationRange(pair.Second.Floats.Min(), pair.Second.Floats.Max())) };
    }
}
