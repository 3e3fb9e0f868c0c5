using FsCheck.Xunit;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class DatasetSplitterTests
{
    [Property]
    public void Split_AnyDataset_IsAPartitionOfExactSizes(ushort size, byte devPercent, byte testPercent, long seed, bool stratified)
    {
        // From 5 on, up to 29% for each of development and test, rounded up, leave something to train on.
        int count = 5 + (size % 400);
        var options = new SplitOptions
        {
            Method = stratified ? SplitMethod.Stratified : SplitMethod.Random,
            DevFraction = (1 + (devPercent % 30)) / 100.0,
            TestFraction = testPercent % 30 / 100.0,
            Seed = seed,
        };
        EmotionDataset dataset = Synthetic(count, labels: 5, seed);
        DatasetSplit split = DatasetSplitter.Split(dataset, options);

        Assert.Equal(CeilingOfPercent(count, 1 + (devPercent % 30)), split.Dev.Count);
        Assert.Equal(CeilingOfPercent(count, testPercent % 30), split.Test?.Count ?? 0);
        EmotionExample[] all = [.. split.Train, .. split.Dev, .. split.Test ?? Enumerable.Empty<EmotionExample>()];
        Assert.Equal(Enumerable.Range(1, count), all.Select(example => example.LineNumber).Order());
        Assert.Equal(split.Train.Select(example => example.LineNumber).Order(), split.Train.Select(example => example.LineNumber));

        DatasetSplit again = DatasetSplitter.Split(dataset, options);
        Assert.Equal(split.Train, again.Train);
        Assert.Equal(split.Dev, again.Dev);
    }

    /// <summary>Worked out by an independent implementation of SplitMix64, xoshiro256**, Lemire's bounded draw and Fisher-Yates in Python.</summary>
    [Fact]
    public void Split_RandomSeed42_GivesTheSameRowsOnEveryMachine()
    {
        DatasetSplit split = DatasetSplitter.Split(Synthetic(100, labels: 3, seed: 1));
        int[] expected = [8, 25, 27, 37, 51, 53, 57, 58, 61, 66, 67, 70, 73, 74, 79, 87, 89, 91, 95, 96];
        Assert.Equal(expected, split.Dev.Select(example => example.LineNumber - 1));
    }

    [Fact]
    public void Sample_Seed42_GivesTheSameRowsOnEveryMachine()
    {
        int[] expected = [83, 378, 578, 678, 714, 755, 765, 844, 921, 987];
        Assert.Equal(expected, DatasetSplitter.Sample(Synthetic(1_000, labels: 3, seed: 1), 10, seed: 42).Select(example => example.LineNumber - 1));
    }

    /// <summary>Worked out by an independent implementation in Python, too.</summary>
    [Fact]
    public void Split_StratifiedSeed42_GivesTheSameRowsOnEveryMachine()
    {
        DatasetSplit split = DatasetSplitter.Split(Synthetic(60, labels: 4, seed: 1), new SplitOptions { Method = SplitMethod.Stratified });
        Assert.Equal("2 6 10 14 22 34 38 50 52 53 55 57", string.Join(' ', split.Dev.Select(example => example.LineNumber - 1)));
    }

    [Fact]
    public void Split_OtherSeed_GivesOtherRows()
    {
        EmotionDataset dataset = Synthetic(200, labels: 3, seed: 1);
        foreach (SplitMethod method in Enum.GetValues<SplitMethod>())
        {
            Assert.NotEqual(
                DatasetSplitter.Split(dataset, new SplitOptions { Method = method, Seed = 1 }).Dev,
                DatasetSplitter.Split(dataset, new SplitOptions { Method = method, Seed = 2 }).Dev);
        }
    }

    /// <summary>
    /// Every label's share of the development set lies within one example of its share of the whole for labels without overlap, and stays
    /// within three (one for each label it is drawn together with, at most) for these data with up to three labels an example.
    /// </summary>
    [Property(MaxTest = 50)]
    public void Split_Stratified_DividesEachLabelInProportion(long seed)
    {
        EmotionDataset dataset = Synthetic(1_000, labels: 12, seed);
        DatasetSplit split = DatasetSplitter.Split(dataset, new SplitOptions { Method = SplitMethod.Stratified, Seed = seed });
        int[] all = dataset.CountLabels();
        int[] dev = split.Dev.CountLabels();
        for (int label = 0; label < all.Length; label++)
        {
            Assert.InRange(dev[label] - (0.2 * all[label]), -3, 3);
        }
    }

    [Fact]
    public void Split_StratifiedSampleCorpus_IsCloserToProportionThanRandom()
    {
        EmotionDataset dataset = SampleCorpus.Load().Dataset;
        double random = WorstDeviation(dataset, SplitMethod.Random);
        double stratified = WorstDeviation(dataset, SplitMethod.Stratified);
        Assert.True(stratified <= 1, $"stratified {stratified}");
        Assert.True(random > 3 * stratified, $"random {random}, stratified {stratified}");
    }

    [Fact]
    public void Split_StratifiedRareLabels_ReachEveryPart()
    {
        EmotionExample[] examples = [.. Enumerable.Range(0, 100).Select(row => Example(row, row < 5 ? LabelSet.Create(1) : LabelSet.Create(0)))];
        DatasetSplit split = DatasetSplitter.Split(
            EmotionDataset.Create(EmotionLabels.Create("common", "rare"), examples),
            new SplitOptions { Method = SplitMethod.Stratified });
        Assert.Equal([19, 1], split.Dev.CountLabels());
        Assert.Empty(split.FindProblems());
    }

    [Fact]
    public void FindProblems_LabelWithoutPositiveAndRepeatedTexts_AreNamed()
    {
        var labels = EmotionLabels.Create("joy", "fear", "grief");
        EmotionExample first = Example(0, LabelSet.Create(0));
        var split = new DatasetSplit
        {
            Train = EmotionDataset.Create(labels, first, Example(1, LabelSet.Create(1))),
            Dev = EmotionDataset.Create(labels, first),
            Test = EmotionDataset.Create(labels, Example(2, LabelSet.Create(0, 1, 2))),
        };
        Assert.Equal(
            [
                "train has no positive example of grief among 2 examples: nothing can be learnt about it there.",
                "dev has no positive example of fear, grief among 1 examples: nothing can be said about them there.",
                "1 of 1 texts of dev stand in train, too: figures on dev flatter the model.",
            ],
            split.FindProblems());
    }

    [Fact]
    public void Split_TooSmall_IsRefused()
    {
        string message = Assert.Throws<ArgumentException>(() => DatasetSplitter.Split(Synthetic(1, labels: 2, seed: 0))).Message;
        Assert.StartsWith("'dataset' has 1 example, of which development takes 1: expected at least one to train on. Pass more data or smaller fractions.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(double.NaN, 0)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.5, -0.1)]
    public void Split_FractionOutOfRange_IsRefused(double dev, double test)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => DatasetSplitter.Split(Synthetic(10, labels: 2, seed: 0), new SplitOptions { DevFraction = dev, TestFraction = test }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void Sample_CountOutOfRange_IsRefused(int count)
    {
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => DatasetSplitter.Sample(Synthetic(10, labels: 2, seed: 0), count, seed: 1)).Message;
        Assert.StartsWith($"the sample has {count} examples, expected 1 to 10, the size of the data set. Ask for fewer, or for all by leaving it out.", message, StringComparison.Ordinal);
    }

    /// <summary>Examples with up to three labels, label 0 common and each next one rarer.</summary>
    private static EmotionDataset Synthetic(int count, int labels, long seed)
    {
        var random = new DeterministicRandom(seed);
        return EmotionDataset.Create(
            EmotionLabels.Create(Enumerable.Range(0, labels).Select(label => $"label{label}")),
            Enumerable.Range(0, count).Select(row =>
            {
                LabelSet set = default;
                for (int chosen = random.Next(4); chosen > 0; chosen--)
                {
                    set = set.Add(random.Next(1 + random.Next(labels)));
                }

                return Example(row, set);
            }));
    }

    private static EmotionExample Example(int row, LabelSet labels) => new() { Text = $"text {row}", Labels = labels, Source = "synthetic", LineNumber = row + 1 };

    private static int CeilingOfPercent(int count, int percent) => ((count * percent) + 99) / 100;

    private static double WorstDeviation(EmotionDataset dataset, SplitMethod method)
    {
        int[] all = dataset.CountLabels();
        int[] dev = DatasetSplitter.Split(dataset, new SplitOptions { Method = method }).Dev.CountLabels();
        return all.Zip(dev, (total, part) => Math.Abs(part - (0.2 * total))).Max();
    }
}
