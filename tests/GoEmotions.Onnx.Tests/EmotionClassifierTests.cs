using System.Numerics.Tensors;

namespace GoEmotions.Onnx.Tests;

public sealed class EmotionClassifierTests
{
    [Fact]
    public void EmotionClassifier_Batch_GivesEachTextWhatItGetsAlone()
    {
        // Small batches, so that texts of all lengths are divided among several, and padded.
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { MaxBatchTokens = 100 });
        string[] texts = ClassifierTexts.Random(seed: 11, count: 200, maxLength: 79);
        var together = new float[texts.Length * 3];
        classifier.Score(texts, together);
        var alone = new float[3];
        for (int text = 0; text < texts.Length; text++)
        {
            classifier.Score(texts[text], alone);

            // Sums over other widths of padding round differently: some ulp of float32 on logits of about 10.
            for (int label = 0; label < 3; label++)
            {
                Assert.Equal(alone[label], together[(text * 3) + label], 1e-5f);
            }
        }
    }

    [Fact]
    public void EmotionClassifier_Probabilities_AreTheSigmoidsOfTheLogits()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        string[] texts = ["one", "", "three words here"];
        var logits = new float[9];
        classifier.ScoreLogits(texts, logits);
        var probabilities = new float[9];
        classifier.Score(texts, probabilities);
        var expected = new float[9];
        TensorPrimitives.Sigmoid(logits, expected);
        Assert.Equal(expected, probabilities);
        Assert.True(logits.Distinct().Count() == 9, string.Join(", ", logits));
    }

    [Fact]
    public void EmotionClassifier_LongText_IsCutAtMaxLength()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { MaxLength = 10 });
        var whole = new float[3];
        var cut = new float[3];
        classifier.Score(new string('a', 90), whole);
        classifier.Score(new string('a', 8), cut);
        Assert.Equal(cut, whole);
        Assert.Equal(10, classifier.MaxLength);
    }

    [Fact]
    public void EmotionClassifier_ManyThreads_GiveTheSameScores()
    {
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { IntraOpThreads = 1 });
        string[] texts = [.. Enumerable.Range(0, 50).Select(index => ClassifierTexts.Random(new Random(index), index))];
        var expected = new float[texts.Length * 3];
        classifier.Score(texts, expected);
        Parallel.For(0, 40, _ =>
        {
            var actual = new float[expected.Length];
            classifier.Score(texts, actual);
            Assert.Equal(expected, actual);
        });
    }

    [Fact]
    public void EmotionClassifier_NoTexts_GivesNothing()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        classifier.Score(ReadOnlySpan<string>.Empty, []);
    }

    [Fact]
    public void EmotionClassifier_ShortDestination_NamesBothLengths()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        ArgumentException error = Assert.Throws<ArgumentException>(() => classifier.Score("text", new float[2]));
        Assert.StartsWith("the destination has 2 elements, expected at least 3 (1 texts x 3 labels).", error.Message);
        error = Assert.Throws<ArgumentException>(() => classifier.Score(new[] { "a", "b" }, new float[5]));
        Assert.StartsWith("the destination has 5 elements, expected at least 6 (2 texts x 3 labels).", error.Message);
    }

    [Fact]
    public void EmotionClassifier_NullText_IsNamed()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        ArgumentException error = Assert.Throws<ArgumentException>(() => classifier.Score(new[] { "a", null! }, new float[6]));
        Assert.StartsWith("text 1 is null, expected a string.", error.Message);
    }

    [Fact]
    public void EmotionClassifier_Disposed_SaysSo()
    {
        EmotionClassifier classifier = ClassifierModel.Create();
        classifier.Dispose();
        classifier.Dispose();
        Assert.Throws<ObjectDisposedException>(() => classifier.Score("text", new float[3]));
        Assert.Throws<ObjectDisposedException>(() => classifier.Score(new[] { "text" }, new float[3]));
    }

    [Fact]
    public void EmotionClassifier_OtherLabelCount_IsRefused()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EmotionClassifier.Create(ClassifierModel.Onnx, ClassifierModel.Tokenizer, EmotionLabels.GoEmotions));
        Assert.Equal("the model has 3 outputs, its labels are 28. Do config.json and the graph belong together?", error.Message);
    }

    [Theory]
    [InlineData(1, null, null)]
    [InlineData(65, null, null)]
    [InlineData(null, 1, null)]
    [InlineData(null, null, 0)]
    public void EmotionClassifier_OptionOutOfRange_IsRefused(int? maxLength, int? maxBatchTokens, int? threads)
    {
        var options = new EmotionClassifierOptions { MaxLength = maxLength, IntraOpThreads = threads };
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassifierModel.Create(maxBatchTokens is int tokens ? options with { MaxBatchTokens = tokens } : options));
    }

    [Fact]
    public void EmotionClassifier_DamagedModel_IsRefusedInOneLine()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EmotionClassifier.Create([1, 2, 3, 4, 5], ClassifierModel.Tokenizer, ClassifierModel.Labels));
        Assert.StartsWith("the model: at byte ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
