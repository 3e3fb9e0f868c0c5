using GoEmotions.Onnx.Benchmarks.Engine;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>The managed bytes of each call that promises none, over many calls of mixed lengths. The smallest model: bytes do not depend on it.</summary>
internal sealed class AllocationMeasurement(BenchmarkTexts texts)
{
    private const int Rounds = 40;
    private const int Callers = 16;
    private const int WindowCalls = 1000;
    private const int Windows = 12;

    private readonly float[] _probabilities = new float[texts.Texts.Length * EmotionLabels.GoEmotions.Count];

    /// <summary>The calls with the bytes that one takes.</summary>
    public IEnumerable<(string Call, double Bytes)> Run()
    {
        yield return ("WordPieceTokenizer.Encode", Tokenizing());
        foreach (ServingPrecision precision in new[] { ServingPrecision.Float32, ServingPrecision.Int8 })
        {
            using EmotionClassifier classifier = new BenchmarkModel(EncoderSize.Tiny, texts).CreateClassifier(precision, new EmotionClassifierOptions { IntraOpThreads = 1, MaxBatchTokens = 512 });
            string side = ServingSide.Of(precision);
            yield return ($"Score of a text, {side}", OneByOne(classifier));
            yield return ($"Score of texts, {side}", InBatches(classifier));
            yield return ($"ScoreAsync, {side}", Async(classifier).GetAwaiter().GetResult());
        }
    }

    private double Tokenizing()
    {
        var ids = new int[BenchmarkTexts.MaxLength];
        return BytesOfACall(texts.Texts.Length, () =>
        {
            foreach (string text in texts.Texts)
            {
                texts.Tokenizer.Encode(text, ids, out _);
            }
        });
    }

    private double OneByOne(EmotionClassifier classifier) => BytesOfACall(texts.Texts.Length, () =>
    {
        foreach (string text in texts.Texts)
        {
            classifier.Score(text, _probabilities);
        }
    });

    private double InBatches(EmotionClassifier classifier)
    {
        int calls = 0;
        for (int start = 0, count = 1; start < texts.Texts.Length; start += count, count = (count * 3 % 61) + 1, calls++)
        {
        }

        return BytesOfACall(calls, () =>
        {
            for (int start = 0, count = 1; start < texts.Texts.Length; start += count, count = (count * 3 % 61) + 1)
            {
                classifier.Score(texts.Texts.AsSpan(start, int.Min(count, texts.Texts.Length - start)), _probabilities);
            }
        });
    }

    // The first round is for what is made once: compiled code, pools.
    private static double BytesOfACall(int calls, Action round)
    {
        round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < Rounds; count++)
        {
            round();
        }

        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / (calls * Rounds);
    }

    // Over the whole process, in windows of answers, the least of them: the runtime's own threads allocate a little now and then.
    private async Task<double> Async(EmotionClassifier classifier)
    {
        long[] allocated = new long[Windows];
        int answers = 0;
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => Call(caller)))];
        await Task.WhenAll(callers).ConfigureAwait(false);
        return (double)Enumerable.Range(1, Windows - 1).Min(window => allocated[window] - allocated[window - 1]) / WindowCalls;

        async Task Call(int caller)
        {
            var probabilities = new float[classifier.Labels.Count];
            for (int text = caller; ; text += Callers)
            {
                await classifier.ScoreAsync(texts.Texts[text % texts.Texts.Length].AsMemory(), probabilities).ConfigureAwait(false);
                int answer = Interlocked.Increment(ref answers);
                if (answer % WindowCalls == 0 && answer / WindowCalls <= Windows)
                {
                    allocated[(answer / WindowCalls) - 1] = GC.GetTotalAllocatedBytes(precise: true);
                }

                if (answer >= WindowCalls * Windows)
                {
                    return;
                }
            }
        }
    }
}
