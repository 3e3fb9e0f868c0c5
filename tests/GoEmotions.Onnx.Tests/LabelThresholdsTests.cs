namespace GoEmotions.Onnx.Tests;

public sealed class LabelThresholdsTests
{
    private static readonly EmotionLabels Labels = EmotionLabels.Create("joy", "fear", "hélas \"quoted\"");

    [Fact]
    public void LabelThresholds_Uniform_HasOneValueForEveryLabel()
    {
        LabelThresholds thresholds = LabelThresholds.Uniform(Labels, 0.25f);
        Assert.Equal([0.25f, 0.25f, 0.25f], thresholds.Values.ToArray());
        Assert.Equal(0.5f, LabelThresholds.Uniform(Labels)[2]);
        Assert.Null(thresholds.Tuning);
        Assert.Equal(Labels, thresholds.Labels);
    }

    [Fact]
    public void LabelThresholds_ProbabilityAtTheThreshold_IsAbove()
    {
        LabelThresholds thresholds = LabelThresholds.Create(Labels, [0f, 0.5f, 1f]);
        Assert.True(thresholds.IsAbove(1, 0.5f));
        Assert.False(thresholds.IsAbove(1, MathF.BitDecrement(0.5f)));
        Assert.True(thresholds.IsAbove(0, 0f));
        Assert.True(thresholds.IsAbove(2, 1f));
        Assert.False(thresholds.IsAbove(0, float.NaN));
    }

    [Fact]
    public void LabelThresholds_Apply_DecidesEveryRowByTheSameRule()
    {
        LabelThresholds thresholds = LabelThresholds.Create(Labels, [0.2f, 0.5f, 0.8f]);
        bool[] decisions = new bool[6];
        thresholds.Apply([0.2f, 0.4f, 0.9f, 0.1f, 0.5f, 0.7f], decisions);
        Assert.Equal([true, false, true, false, true, false], decisions);
    }

    [Fact]
    public void LabelThresholds_ApplyToWrongShape_NamesBothLengths()
    {
        LabelThresholds thresholds = LabelThresholds.Uniform(Labels);
        Assert.Contains("has 4 elements, expected a multiple of 3", Assert.Throws<ArgumentException>(() => thresholds.Apply(new float[4], new bool[4])).Message, StringComparison.Ordinal);
        Assert.Contains("has 6 elements, expected 3", Assert.Throws<ArgumentException>(() => thresholds.Apply(new float[3], new bool[6])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LabelThresholds_AppliedWarm_AllocatesNothing()
    {
        LabelThresholds thresholds = LabelThresholds.Uniform(Labels);
        float[] probabilities = new float[300];
        bool[] decisions = new bool[300];
        thresholds.Apply(probabilities, decisions);
        long before = GC.GetAllocatedBytesForCurrentThread();
        thresholds.Apply(probabilities, decisions);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(-0.001f)]
    [InlineData(1.001f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void LabelThresholds_ValueOutsideUnitRange_NamesTheLabel(float value)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => LabelThresholds.Create(Labels, [0.5f, value, 0.5f]));
        Assert.StartsWith("the threshold of label 'fear' is ", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LabelThresholds.Uniform(Labels, value));
    }

    [Fact]
    public void LabelThresholds_WrongNumberOfValues_IsRefused() =>
        Assert.Throws<ArgumentException>(() => LabelThresholds.Create(Labels, [0.5f]));

    [Fact]
    public void LabelThresholds_SavedAndLoaded_AreTheSame()
    {
        using var folder = new TemporaryFolder();
        var tuning = new ThresholdTuning { Split = "dev", Rows = 5426, Method = "highest F1 of each label" };
        LabelThresholds saved = LabelThresholds.Create(Labels, [0.1f, MathF.BitDecrement(1f), 1e-9f], tuning);
        saved.Save(folder["thresholds.json"]);
        LabelThresholds loaded = LabelThresholds.Load(folder["thresholds.json"], Labels);
        Assert.Equal(saved.Values.ToArray(), loaded.Values.ToArray());
        Assert.Equal(tuning, loaded.Tuning);
    }

    [Fact]
    public void LabelThresholds_SavedTwice_GiveTheSameBytesAndLeaveNothingBeside()
    {
        using var folder = new TemporaryFolder();
        LabelThresholds thresholds = LabelThresholds.Create(EmotionLabels.Create("joy", "fear"), [0.25f, 0.5f], new ThresholdTuning { Split = "dev", Rows = 3, Method = "m" });
        thresholds.Save(folder["thresholds.json"]);
        thresholds.Save(folder["thresholds.json"]);
        Assert.Equal([folder["thresholds.json"]], Directory.GetFiles(folder.Root));
        const string Expected = """
            {
              "format_version": 1,
              "tuned_on": {
                "split": "dev",
                "rows": 3,
                "method": "m"
              },
              "thresholds": {
                "joy": 0.25,
                "fear": 0.5
              }
            }
            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), File.ReadAllText(folder["thresholds.json"]));
    }

    [Fact]
    public void LabelThresholds_SaveThatFails_LeavesTheOldFileAndNothingBeside()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["thresholds.json"]);
        Assert.ThrowsAny<Exception>(() => LabelThresholds.Uniform(Labels).Save(folder["thresholds.json"]));
        Assert.Equal([folder["thresholds.json"]], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void LabelThresholds_FileInAnotherOrder_IsMatchedByName()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("t.json", "\uFEFF{\"thresholds\": {\"b\": 0.75, \"a\": 1}}");
        Assert.Equal([1f, 0.75f], LabelThresholds.Load(path, EmotionLabels.Create("a", "b")).Values.ToArray());
    }

    [Theory]
    [InlineData("""{"thresholds": {"a": 0.5}}""", "no threshold for label 'b' (1 of 2 missing)")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": 0.5, "c": 0.5}}""", "unknown label 'c'")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": 0.5, "a": 0.5}}""", "label 'a' stands twice")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": 1.5}}""", "label 'b' is 1.5, expected a number in [0, 1]")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": 1e999}}""", "label 'b' is 1e999, expected")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": -1}}""", "label 'b' is -1, expected")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": "NaN"}}""", "label 'b' is \"NaN\", expected")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": null}}""", "label 'b' is null, expected")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": [1]}}""", "label 'b' is an array, expected")]
    [InlineData("""{"thresholds": {"a": 0.5, "b": NaN}}""", "line 1: not valid JSON")]
    [InlineData("{\n\"thresholds\": {\n\"a\": 0.5,\n", "line 4: not valid JSON")]
    [InlineData("", "line 1: not valid JSON")]
    [InlineData("[0.5, 0.5]", "found an array, expected an object")]
    [InlineData("""{"a": 0.5, "b": 0.5}""", "'thresholds' is missing, expected an object")]
    [InlineData("""{"thresholds": 0.5}""", "'thresholds' is 0.5, expected an object")]
    [InlineData("""{"format_version": 2, "thresholds": {"a": 0.5, "b": 0.5}}""", "'format_version' is 2, expected 1")]
    [InlineData("""{"tuned_on": {"split": "dev", "method": ""}, "thresholds": {"a": 0.5, "b": 0.5}}""", "'rows' is missing")]
    [InlineData("""{"tuned_on": {"split": "dev", "rows": -3, "method": ""}, "thresholds": {"a": 0.5, "b": 0.5}}""", "'rows' of 'tuned_on' is -3")]
    [InlineData("""{"tuned_on": {"split": 1, "rows": 3, "method": ""}, "thresholds": {"a": 0.5, "b": 0.5}}""", "'split' is 1, expected a string")]
    [InlineData("""{"tuned_on": "dev", "thresholds": {"a": 0.5, "b": 0.5}}""", "'tuned_on' is \"dev\", expected an object")]
    public void LabelThresholds_BrokenFile_GivesOneClearLine(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("t.json", json);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => LabelThresholds.Load(path, EmotionLabels.Create("a", "b")));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }
}
