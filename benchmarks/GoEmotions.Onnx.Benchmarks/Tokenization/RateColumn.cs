using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Benchmarks.Tokenization;

/// <summary>A rate per second: a number of units in each text over the mean time of a text.</summary>
internal sealed class RateColumn(string name, Func<double> unitsPerText) : IColumn
{
    /// <summary>The mean number of ids of a text of the development split, [CLS] and [SEP] included.</summary>
    public static Lazy<double> TokensPerText { get; } = new(() =>
    {
        var tokenizer = WordPieceTokenizer.Load(BenchmarkFiles.Shared("data/bert-base-uncased/vocab.txt"));
        return BenchmarkFiles.DevTexts().Average(text => tokenizer.CountTokens(text));
    });

    public string Id => $"{nameof(RateColumn)}.{name}";

    public string ColumnName => name;

    public string Legend => $"{name}, from the mean";

    public UnitType UnitType => UnitType.Dimensionless;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public bool AlwaysShow => true;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Mean;
        return nanoseconds is double mean ? (unitsPerText() * 1e9 / mean).ToString("N0", CultureInfo.InvariantCulture) : "-";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
}
