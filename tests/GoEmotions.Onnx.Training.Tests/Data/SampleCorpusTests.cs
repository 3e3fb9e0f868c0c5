using System.Text;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class SampleCorpusTests
{
    [Fact]
    public void SampleCorpus_Cleaned_HasEnoughOfEverything()
    {
        CleanedDataset cleaned = SampleCorpus.Load();
        Assert.Equal(EmotionLabels.GoEmotions, cleaned.Dataset.Labels);
        Assert.True(cleaned.Dataset.Count >= 840, $"{cleaned.Dataset.Count} sentences");
        Assert.All(cleaned.Report.LabelsAfter, label => Assert.True(label.Value >= 30, $"{label.Key}: {label.Value}"));
        double several = cleaned.Dataset.Count(example => example.Labels.Count is 2 or 3) / (double)cleaned.Dataset.Count;
        Assert.True(several >= 0.15, $"{several:P0} with two or three labels");
    }

    [Fact]
    public void SampleCorpus_BrokenRows_AreCounted()
    {
        using var lines = new StreamReader(SampleCorpus.OpenCsv(), Encoding.UTF8);
        int rows = lines.ReadToEnd().TrimEnd().Split('\n').Length - 1;
        DataReport report = SampleCorpus.Load().Report;
        DroppedRows broken = report.Dropped[DropReasons.MissingCell];
        Assert.True(broken.Count >= 3, $"{broken.Count} broken rows");
        Assert.Equal($"{SampleCorpus.Name}:{rows + 1}", broken.Lines[^1]);
        Assert.Equal(report.Read, report.Kept + broken.Count);
    }

    [Fact]
    public void SampleCorpus_Texts_AreNoneOfTheDataSet()
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in new[] { "train.tsv", "dev.tsv", "go_emotions_dataset.first5000.csv" })
        {
            using DatasetReader reader = DatasetReader.Open(TestFiles.Shared($"data/goemotions/{name}"));
            foreach (DatasetRow row in TableText.Rest(reader).Where(row => row.IsComplete))
            {
                known.Add(Normalize(row.Example!.Text));
            }
        }

        Assert.True(known.Count > 40_000);
        string[] taken = [.. SampleCorpus.Load().Dataset.Select(example => example.Text).Where(text => known.Contains(Normalize(text)))];
        Assert.Empty(taken);
    }

    /// <summary>Letters and digits only, in lower case: differences of punctuation and spacing do not count.</summary>
    private static string Normalize(string text) => string.Concat(text.Normalize(NormalizationForm.FormKC).Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
