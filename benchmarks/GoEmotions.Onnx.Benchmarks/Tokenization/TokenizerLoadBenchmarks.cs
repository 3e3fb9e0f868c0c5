using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using GoEmotions.Onnx.Tokenization;
using BertTokenizer = Microsoft.ML.Tokenizers.BertTokenizer;

namespace GoEmotions.Onnx.Benchmarks.Tokenization;

/// <summary>Loading the 30,522 pieces of bert-base-uncased as the first thing that a fresh process does, compilation included.</summary>
[SimpleJob(RunStrategy.ColdStart, launchCount: 15, warmupCount: 0, iterationCount: 1, invocationCount: 1)]
public class TokenizerLoadBenchmarks
{
    private static readonly string VocabularyPath = BenchmarkFiles.Shared("data/bert-base-uncased/vocab.txt");

    [Benchmark(Baseline = true, Description = "WordPieceTokenizer.Load")]
    public object Ours() => WordPieceTokenizer.Load(VocabularyPath);

    [Benchmark(Description = "Microsoft.ML.Tokenizers BertTokenizer.Create")]
    public object Peer() => BertTokenizer.Create(VocabularyPath);
}
