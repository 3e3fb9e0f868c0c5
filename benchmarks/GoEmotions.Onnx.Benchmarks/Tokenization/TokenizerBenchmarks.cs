using BenchmarkDotNet.Attributes;
using GoEmotions.Onnx.Tokenization;
using BertTokenizer = Microsoft.ML.Tokenizers.BertTokenizer;

namespace GoEmotions.Onnx.Benchmarks.Tokenization;

/// <summary>Text to ids over all texts of the development split, one thread: ns, texts/s, tokens/s and bytes a text.</summary>
[Config(typeof(TextRateConfig))]
public class TokenizerBenchmarks : IDisposable
{
    /// <summary>The texts of dev.tsv; BenchmarkDotNet divides by it.</summary>
    public const int TextCount = 5426;

    private const int MaxLength = 128;

    private readonly long[] _ids = new long[MaxLength];
    private string[] _texts = [];
    private WordPieceTokenizer? _ours;
    private BertTokenizer? _peer;
    private TokenBatch? _batch;

    [GlobalSetup]
    public void Setup()
    {
        string vocabulary = BenchmarkFiles.Shared("data/bert-base-uncased/vocab.txt");
        _texts = BenchmarkFiles.DevTexts();
        if (_texts.Length != TextCount)
        {
            throw new InvalidDataException($"dev.tsv has {_texts.Length} texts, expected {TextCount}");
        }

        _ours = WordPieceTokenizer.Load(vocabulary);
        _peer = BertTokenizer.Create(vocabulary);
        _batch = new TokenBatch(32 * MaxLength);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _batch?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = TextCount, Description = "WordPieceTokenizer.Encode")]
    public int Ours()
    {
        int tokens = 0;
        foreach (string text in _texts)
        {
            tokens += _ours!.Encode(text, _ids, out _);
        }

        return tokens;
    }

    [Benchmark(OperationsPerInvoke = TextCount, Description = "TokenBatch.Encode, 32 texts")]
    public int OursInBatches()
    {
        int tokens = 0;
        for (int start = 0; start < _texts.Length; start += 32)
        {
            _batch!.Encode(_ours!, _texts.AsSpan(start, int.Min(32, _texts.Length - start)), MaxLength);
            tokens += _batch.SequenceLength;
        }

        return tokens;
    }

    [Benchmark(OperationsPerInvoke = TextCount, Description = "Microsoft.ML.Tokenizers BertTokenizer.EncodeToIds")]
    public int Peer()
    {
        int tokens = 0;
        foreach (string text in _texts)
        {
            tokens += _peer!.EncodeToIds(text, MaxLength, out _, out _).Count;
        }

        return tokens;
    }
}
