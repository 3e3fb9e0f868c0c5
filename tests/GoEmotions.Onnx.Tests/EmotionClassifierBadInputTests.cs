namespace GoEmotions.Onnx.Tests;

public sealed class EmotionClassifierBadInputTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" \t\r\n")]
    [InlineData("\ud83d")]
    [InlineData("a\udc00b\ud800")]
    [InlineData("\0\u0001\uffff")]
    public void Score_StrangeText_GivesProbabilities(string text)
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        float[] probabilities = new float[3];
        Assert.False(classifier.Score(text, probabilities).IsTruncated);
        Assert.All(probabilities, probability => Assert.InRange(probability, 0f, 1f));
    }

    [Fact]
    public void Score_NullAsText_IsTheEmptySpan()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        Assert.Equal(new ScoredText(2, 1, false), classifier.Score((string?)null, new float[3]));
        Assert.Throws<ArgumentNullException>(() => classifier.Predict((string)null!));
    }

    [Fact]
    public void Score_Megabyte_IsCutAndSaysSo()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        Assert.Equal(new ScoredText(64, 1, true), classifier.Score(ClassifierTexts.Megabyte, new float[3]));
        var scored = new ScoredText[3];
        classifier.Score(["ab", ClassifierTexts.Megabyte, ""], new float[9], scored);
        Assert.Equal([new ScoredText(4, 1, false), new ScoredText(64, 1, true), new ScoredText(2, 1, false)], scored);
    }

    [Fact]
    public void Score_MoreTextsThanTheLimit_IsRefused()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { MaxTexts = 2 });
        classifier.Score(["a", "b"], new float[6]);
        ArgumentException error = Assert.Throws<ArgumentException>(() => classifier.Score(["a", "b", "c"], new float[9]));
        Assert.StartsWith("there are 3 texts, expected at most 2 (MaxTexts).", error.Message);
    }

    [Fact]
    public void Score_ShortDestinationForDetails_NamesBothLengths()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        ArgumentException error = Assert.Throws<ArgumentException>(() => classifier.Score(["a", "b"], new float[6], new ScoredText[1]));
        Assert.StartsWith("'scored' has 1 elements, expected at least 2 (one per text).", error.Message);
    }

    [Fact]
    public void Dispose_CallsInFlight_AreAnsweredOrRefused()
    {
        for (int turn = 0; turn < 5; turn++)
        {
            EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { IntraOpThreads = 1, Concurrency = 2, MaxBatchTokens = 64 });
            string[] texts = ClassifierTexts.Random(seed: turn, count: 40, maxLength: 60);
            float[] expected = new float[texts.Length * 3];
            classifier.Score(texts, expected);
            int answered = 0;
            Thread[] callers = [.. Enumerable.Range(0, 6).Select(index => new Thread(() =>
            {
                float[] probabilities = new float[expected.Length];
                try
                {
                    while (true)
                    {
                        if (index % 2 == 0)
                        {
                            classifier.Score(texts, probabilities);
                            Assert.Equal(expected, probabilities);
                        }
                        else
                        {
                            classifier.Score(texts[index], probabilities);
                        }

                        Interlocked.Increment(ref answered);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // As it should be.
                }
            }))];
            Array.ForEach(callers, caller => caller.Start());
            SpinWait.SpinUntil(() => Volatile.Read(ref answered) > 10);
            classifier.Dispose();
            Array.ForEach(callers, caller => caller.Join());
        }
    }

    [Fact]
    public async Task ScoreAsync_Disposed_SaysSo()
    {
        EmotionClassifier classifier = ClassifierModel.Create();
        classifier.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await classifier.ScoreAsync("a".AsMemory(), new float[3], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ScoreAsync_StrangeTexts_GiveWhatScoreGives()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        foreach (string? text in (string?[])[null, "", " \t\r\n", "\ud83d", "a\udc00b\ud800", "\0\u0001\uffff", ClassifierTexts.Megabyte])
        {
            float[] expected = new float[3];
            float[] actual = new float[3];
            ScoredText scored = await classifier.ScoreAsync(text.AsMemory(), actual, TestContext.Current.CancellationToken);
            Assert.Equal(classifier.Score(text, expected), scored);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public async Task ScoreAsync_ShortDestination_NamesBothLengths()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(async () => await classifier.ScoreAsync("a".AsMemory(), new float[2], TestContext.Current.CancellationToken));
        Assert.StartsWith("the destination has 2 elements, expected at least 3 (1 texts x 3 labels).", error.Message);
    }

    [Fact]
    public async Task Dispose_AsyncCallsInFlight_AreAnsweredOrRefused()
    {
        EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { IntraOpThreads = 1, Concurrency = 2, MaxBatchTokens = 64 });
        float[] expected = new float[3];
        classifier.Score("some text", expected);
        int answered = 0;
        Task[] callers = [.. Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            float[] probabilities = new float[3];
            try
            {
                while (true)
                {
                    await classifier.ScoreAsync("some text".AsMemory(), probabilities, CancellationToken.None);
                    Assert.Equal(expected[0], probabilities[0], 1e-5f);
                    Interlocked.Increment(ref answered);
                }
            }
            catch (ObjectDisposedException)
            {
                // As it should be.
            }
        }))];
        SpinWait.SpinUntil(() => Volatile.Read(ref answered) > 100);
        classifier.Dispose();
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Load_CudaWithoutItsLibraries_NamesThem()
    {
        Exception? error = Record.Exception(() => ClassifierModel.Create(new EmotionClassifierOptions { ExecutionProvider = ExecutionProvider.Cuda }).Dispose());
        Assert.SkipWhen(error is null, "this machine has CUDA");
        Assert.IsType<InvalidOperationException>(error);
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", error.Message);
        Assert.Contains("onnxruntime_providers_cuda", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Load_VariantThatIsNotThere_IsNamed()
    {
        using TemporaryFolder folder = ClassifierDirectory.Create();
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => EmotionClassifier.Load(folder.Root, new EmotionClassifierOptions { Variant = ModelVariant.Int8 }));
        Assert.StartsWith($"{folder["onnx/serving_int8.onnx"]} does not exist, expected the variant Int8 of the model.", error.Message);
    }

    [Fact]
    public void Load_Variants_PreferTheServingGraphs()
    {
        using TemporaryFolder folder = ClassifierDirectory.Create();
        foreach (string name in (string[])["model_quantized", "serving", "serving_int8"])
        {
            folder.Write($"onnx/{name}.onnx", ClassifierModel.Onnx);
            using EmotionClassifier automatic = EmotionClassifier.Load(folder.Root);
            Assert.Equal(name == "model_quantized" ? "model" : name, Path.GetFileNameWithoutExtension(automatic.ModelFile));
        }

        using EmotionClassifier full = EmotionClassifier.Load(folder.Root, new EmotionClassifierOptions { Variant = ModelVariant.Fp32 });
        Assert.Equal("serving", Path.GetFileNameWithoutExtension(full.ModelFile));
    }

    [Fact]
    public void Load_DataOutsideTheFolder_IsRefusedBeforeASessionIsOpened()
    {
        using TemporaryFolder folder = ClassifierDirectory.Create();
        Graphs.Protobuf.ModelProto model = Graphs.Protobuf.ModelProto.Parser.ParseFrom(ClassifierModel.Onnx);
        model.Graph.Initializer[0].ExternalData.Add(new Graphs.Protobuf.StringStringEntryProto { Key = "location", Value = "../../secret" });
        folder.Write("onnx/model.onnx", Google.Protobuf.MessageExtensions.ToByteArray(model));
        Assert.Contains("leaves the model's folder", Assert.Throws<InvalidDataException>(() => EmotionClassifier.Load(folder.Root)).Message);
    }

    [Fact]
    public void Create_ModelThatCannotRun_IsFoundByTheWarmUp()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EmotionClassifier.Create(ClassifierModel.OnnxThatCannotRun, ClassifierModel.Tokenizer, ClassifierModel.Labels));
        Assert.StartsWith("the model cannot be run: the model: ONNX Runtime fails on 1 texts", error.Message);
        EmotionClassifier.Create(ClassifierModel.OnnxThatCannotRun, ClassifierModel.Tokenizer, ClassifierModel.Labels, options: new EmotionClassifierOptions { WarmUp = false }).Dispose();
    }

    [Fact]
    public void Create_ThresholdsOfOtherLabels_AreRefused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => ClassifierModel.Create(new EmotionClassifierOptions { Thresholds = LabelThresholds.Uniform(EmotionLabels.GoEmotions) }));
        Assert.StartsWith("the thresholds are of 28 labels", error.Message);
    }
}
