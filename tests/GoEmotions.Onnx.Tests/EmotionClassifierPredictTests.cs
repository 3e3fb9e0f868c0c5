using System.Runtime.CompilerServices;

namespace GoEmotions.Onnx.Tests;

public sealed class EmotionClassifierPredictTests
{
    [Fact]
    public void Predict_Texts_GiveLabelsAboveTheirThresholdsSorted()
    {
        LabelThresholds thresholds = LabelThresholds.Create(ClassifierModel.Labels, [0.2f, 0.1f, 0.4f]);
        using EmotionClassifier classifier = ClassifierModel.Create(new EmotionClassifierOptions { Thresholds = thresholds, MaxLength = 32 });
        string[] texts = ClassifierTexts.Random(seed: 4, count: 50, maxLength: 80);
        IReadOnlyList<EmotionPrediction> predictions = classifier.Predict(texts);
        Assert.Equal(texts, predictions.Select(prediction => prediction.Text));
        Assert.Contains(predictions, prediction => prediction.Scored.IsTruncated);
        Assert.Contains(predictions, prediction => prediction.Emotions.Count > 0);
        foreach (EmotionPrediction prediction in predictions)
        {
            float[] probabilities = prediction.Probabilities.ToArray();
            IEnumerable<EmotionScore> expected = Enumerable.Range(0, 3).Where(label => probabilities[label] >= thresholds[label])
                .Select(label => new EmotionScore(ClassifierModel.Labels[label], label, probabilities[label])).OrderByDescending(score => score.Probability);
            Assert.Equal(expected, prediction.Emotions);
            Assert.Equal(prediction.Scored, classifier.Predict(prediction.Text).Scored);
        }
    }

    [Theory]
    [InlineData(LongTextPolicy.SlidingWindowMax)]
    [InlineData(LongTextPolicy.SlidingWindowMean)]
    public void Score_SlidingWindows_CombineTheWindowsOfTheTokens(LongTextPolicy policy)
    {
        // Each letter is a word of one token, so windows of tokens are windows of letters: 8 at a time, 6 apart.
        using EmotionClassifier windows = ClassifierModel.Create(new EmotionClassifierOptions { MaxLength = 10, LongTexts = policy, WindowOverlap = 2, MaxWindows = 4 });
        using EmotionClassifier plain = ClassifierModel.Create();
        var random = new Random(6);
        foreach (int letters in (int[])[3, 8, 9, 14, 15, 26, 27, 80])
        {
            string[] words = [.. Enumerable.Range(0, letters).Select(_ => ((char)('a' + random.Next(26))).ToString())];
            var parts = new List<string>();
            for (int start = 0; parts.Count < 4 && (start == 0 || start + 2 < letters); start += 6)
            {
                parts.Add(string.Join(' ', words.Skip(start).Take(8)));
            }

            float[] logits = new float[parts.Count * 3];
            plain.ScoreLogits(parts.ToArray(), logits);
            float[] actual = new float[3];
            ScoredText scored = windows.ScoreLogits(string.Join(' ', words), actual);
            Assert.Equal(new ScoredText(Math.Min(letters, 26) + 2, parts.Count, letters > 26), scored);
            for (int label = 0; label < 3; label++)
            {
                IEnumerable<float> ofWindows = Enumerable.Range(0, parts.Count).Select(part => logits[(part * 3) + label]);
                Assert.Equal(policy == LongTextPolicy.SlidingWindowMax ? ofWindows.Max() : ofWindows.Average(), actual[label], 1e-4f);
            }
        }
    }

    [Fact]
    public async Task PredictAsync_Stream_KeepsItsOrder()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        string[] texts = ClassifierTexts.Random(seed: 9, count: 700, maxLength: 30);
        int index = 0;
        await foreach (EmotionPrediction prediction in classifier.PredictAsync(Stream(texts, waitEvery: 100, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken))
        {
            Assert.Same(texts[index++], prediction.Text);
        }

        Assert.Equal(texts.Length, index);
    }

    [Fact]
    public async Task PredictAsync_SlowSource_GetsEachAnswerBeforeItsNextText()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        var answered = new SemaphoreSlim(0);
        int count = 0;
        await foreach (EmotionPrediction _ in classifier.PredictAsync(OneByOne(), TestContext.Current.CancellationToken))
        {
            count++;
            answered.Release();
        }

        Assert.Equal(5, count);

        async IAsyncEnumerable<string> OneByOne()
        {
            for (int text = 0; text < 5; text++)
            {
                yield return $"text {text}";
                Assert.True(await answered.WaitAsync(TimeSpan.FromSeconds(30)), "the answer does not wait for more texts");
            }
        }
    }

    [Fact]
    public async Task PredictAsync_ReaderThatLeaves_DisposesOfTheSource()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        bool disposed = false;
        await foreach (EmotionPrediction _ in classifier.PredictAsync(Endless(), TestContext.Current.CancellationToken))
        {
            break;
        }

        Assert.True(disposed);

        async IAsyncEnumerable<string> Endless()
        {
            try
            {
                while (true)
                {
                    yield return "text";
                    await Task.Delay(1);
                }
            }
            finally
            {
                disposed = true;
            }
        }
    }

    [Fact]
    public async Task PredictAsync_SourceThatFails_PassesItsErrorOnAfterWhatCameBefore()
    {
        using EmotionClassifier classifier = ClassifierModel.Create();
        int count = 0;
        await Assert.ThrowsAsync<NotSupportedException>(async () =>
        {
            await foreach (EmotionPrediction _ in classifier.PredictAsync(Failing(), TestContext.Current.CancellationToken))
            {
                count++;
            }
        });
        Assert.Equal(1, count);

        async IAsyncEnumerable<string> Failing()
        {
            yield return "text";
            await Task.Delay(20);
            throw new NotSupportedException();
        }
    }

    private static async IAsyncEnumerable<string> Stream(string[] texts, int waitEvery, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int index = 0; index < texts.Length; index++)
        {
            if (index % waitEvery == waitEvery - 1)
            {
                await Task.Delay(1, cancellationToken);
            }

            yield return texts[index];
        }
    }
}
