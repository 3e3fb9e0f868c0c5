using BenchmarkDotNet.Attributes;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Benchmarks;

/// <summary>Reading, cleaning and splitting files of the sizes of GoEmotions, made from the sample corpus by repetition.</summary>
[MemoryDiagnoser]
public class DataBenchmarks
{
    private const int TrainRows = 43_410;
    private const int RawRows = 211_225;

    private string _folder = "";
    private string _train = "";
    private string _raw = "";
    private EmotionDataset? _dataset;

    [GlobalSetup]
    public void Write()
    {
        _folder = Directory.CreateTempSubdirectory("goemotions-bench-").FullName;
        _train = Path.Combine(_folder, "train.tsv");
        _raw = Path.Combine(_folder, "raw.csv");
        EmotionDataset corpus = SampleCorpus.Load(new CleaningOptions { DropUnlabeled = true }).Dataset;
        using (StreamWriter train = File.CreateText(_train))
        {
            for (int row = 0; row < TrainRows; row++)
            {
                EmotionExample example = corpus[row % corpus.Count];
                train.Write($"{example.Text}\t{string.Join(',', example.Labels.ToArray())}\t{row}\n");
            }
        }

        using (StreamWriter raw = File.CreateText(_raw))
        {
            raw.Write($"text,id,author,subreddit,link_id,parent_id,created_utc,rater_id,example_very_unclear,{string.Join(',', corpus.Labels)}\n");
            for (int row = 0; row < RawRows; row++)
            {
                EmotionExample example = corpus[row % corpus.Count];
                string text = example.Text.Replace("\"", "\"\"", StringComparison.Ordinal);
                string labels = string.Join(',', Enumerable.Range(0, corpus.Labels.Count).Select(label => example.Labels.Contains(label) ? '1' : '0'));
                raw.Write($"\"{text}\",{row / 3},author,subreddit,t3_abcdef,t1_abcdef,1546300800.0,{row % 82},False,{labels}\n");
            }
        }

        _dataset = DatasetCleaner.CleanFiles([_train]).Dataset;
    }

    [GlobalCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Benchmark]
    public int CleanTsv43410Rows() => DatasetCleaner.CleanFiles([_train]).Dataset.Count;

    [Benchmark]
    public int CleanRawCsv211225Rows() => DatasetCleaner.CleanFiles([_raw]).Dataset.Count;

    [Benchmark]
    public int SplitRandomly43410Rows() => DatasetSplitter.Split(_dataset!).Dev.Count;

    [Benchmark]
    public int SplitStratified43410Rows() => DatasetSplitter.Split(_dataset!, new SplitOptions { Method = SplitMethod.Stratified }).Dev.Count;
}
