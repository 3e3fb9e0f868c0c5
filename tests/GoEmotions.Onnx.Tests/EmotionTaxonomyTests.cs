namespace GoEmotions.Onnx.Tests;

public sealed class EmotionTaxonomyTests
{
    private static readonly EmotionLabels Labels = EmotionLabels.Create("joy", "love", "fear");

    [Theory]
    [InlineData("anger", "anger annoyance disapproval")]
    [InlineData("disgust", "disgust")]
    [InlineData("fear", "fear nervousness")]
    [InlineData("joy", "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief")]
    [InlineData("sadness", "disappointment embarrassment grief remorse sadness")]
    [InlineData("surprise", "confusion curiosity realization surprise")]
    [InlineData("neutral", "neutral")]
    public void Ekman_Group_HoldsTheLabelsOfThePaper(string group, string labels)
    {
        AssertGroup(EmotionTaxonomy.Ekman(EmotionLabels.GoEmotions), group, labels);
    }

    [Theory]
    [InlineData("positive", "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief")]
    [InlineData("negative", "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness")]
    [InlineData("ambiguous", "confusion curiosity realization surprise")]
    [InlineData("neutral", "neutral")]
    public void Sentiment_Group_HoldsTheLabelsOfThePaper(string group, string labels)
    {
        AssertGroup(EmotionTaxonomy.Sentiment(EmotionLabels.GoEmotions), group, labels);
    }

    [Fact]
    public void Resolve_BuiltInNames_GiveTheirGroups()
    {
        Assert.Equal(EmotionLabels.GoEmotions, EmotionTaxonomy.Resolve("original", EmotionLabels.GoEmotions).Groups);
        Assert.Equal(EmotionLabels.Create("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral"), EmotionTaxonomy.Resolve("ekman", EmotionLabels.GoEmotions).Groups);
        Assert.Equal(EmotionLabels.Create("positive", "negative", "ambiguous", "neutral"), EmotionTaxonomy.Resolve("sentiment", EmotionLabels.GoEmotions).Groups);
    }

    [Fact]
    public void Resolve_NeitherNameNorFile_SaysWhatThereIs()
    {
        string message = Assert.Throws<ArgumentException>(() => EmotionTaxonomy.Resolve("ekmann", Labels)).Message;
        Assert.StartsWith("'ekmann' is neither original, ekman nor sentiment, nor a file. Name one of them, or a JSON file with groups of labels.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ekman_LabelsInAnotherOrder_AreFoundByName()
    {
        var reversed = EmotionLabels.Create(EmotionLabels.GoEmotions.Reverse());
        AssertGroup(EmotionTaxonomy.Ekman(reversed), "fear", "nervousness fear");
    }

    [Fact]
    public void Ekman_OtherLabels_IsRefused()
    {
        Assert.Equal(
            "taxonomy ekman: group 'anger' holds 'anger', which is none of the 3 labels. Mend the name or remove it.",
            Assert.Throws<InvalidDataException>(() => EmotionTaxonomy.Ekman(Labels)).Message);
    }

    [Fact]
    public void Load_JsonFile_KeepsItsOrder()
    {
        using var folder = new TemporaryFolder();
        var taxonomy = EmotionTaxonomy.Load(folder.Write("map.json", "\uFEFF{\"bad\": [\"fear\"],\n \"good\": [\"love\", \"joy\"]}\n"), Labels);
        Assert.Equal(EmotionLabels.Create("bad", "good"), taxonomy.Groups);
        Assert.Equal([1, 1, 0], Enumerable.Range(0, 3).Select(taxonomy.GroupOf));
        Assert.Equal(folder["map.json"], taxonomy.Name);
    }

    [Theory]
    [InlineData("""{"a": ["joy", "love"]}""", "taxonomy {0}: no group holds fear, expected every one of the 3 labels. Put them into groups.")]
    [InlineData("""{"a": ["joy", "love", "fear"], "b": ["joy"]}""", "taxonomy {0}: label 'joy' stands in group 'a' and in 'b', expected one group for each label. Remove it from one.")]
    [InlineData("""{"a": ["joy", "joi"]}""", "taxonomy {0}: group 'a' holds 'joi', which is none of the 3 labels. Mend the name or remove it.")]
    [InlineData("""{"a": ["joy"], "a": ["love", "fear"]}""", "taxonomy {0}: group 'a' stands twice, expected distinct groups. Put its labels into one.")]
    [InlineData("""{"a": []}""", "taxonomy {0}: group 'a' is empty, expected at least one label. Remove it or give it labels.")]
    [InlineData("[]", "{0}:1: found StartArray, expected an object {\"group\": [\"label\"]}. Write {\"group\": [\"label\"]}.")]
    [InlineData("{\n\"a\": \"joy\"}", "{0}:2: found String, expected an array of labels for group 'a'. Write {\"group\": [\"label\"]}.")]
    [InlineData("{\n\n\"a\": [1]}", "{0}:3: found Number, expected the name of a label in group 'a'. Write {\"group\": [\"label\"]}.")]
    [InlineData("{\n\"a\": [\"\\ud800\"]}", "{0}:2: found half of a surrogate pair, expected Unicode text. Mend the \\u escape.")]
    [InlineData("{\n\"a\": [\"joy\"]", "{0}:2: the file is no JSON, expected {\"group\": [\"label\"]}. Mend it at byte 13 of the line.")]
    [InlineData("{} x", "{0}:1: the file is no JSON, expected {\"group\": [\"label\"]}. Mend it at byte 4 of the line.")]
    [InlineData("", "{0}:1: the file is no JSON, expected {\"group\": [\"label\"]}. Mend it at byte 1 of the line.")]
    public void Load_BadFile_SaysWhatIsWrong(string json, string message)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("map.json", json);
        Assert.Equal(message.Replace("{0}", path, StringComparison.Ordinal), Assert.Throws<InvalidDataException>(() => EmotionTaxonomy.Load(path, Labels)).Message);
    }

    [Fact]
    public void Load_InvalidUtf8_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("map.json", [0x7B, 0xFF, 0x7D]);
        Assert.Equal($"{path}: the file is not valid UTF-8. Save it as UTF-8.", Assert.Throws<InvalidDataException>(() => EmotionTaxonomy.Load(path, Labels)).Message);
    }

    [Fact]
    public void Map_Rows_TakeTheHighestOfEachGroup()
    {
        EmotionTaxonomy taxonomy = EmotionTaxonomy.Create("mood", Labels, [new("good", ["joy", "love"]), new("bad", ["fear"])]);
        float[] groups = new float[4];
        Assert.Equal(2, taxonomy.Map([0.2f, 0.6f, 0.1f, 1, 0, 0], groups));
        Assert.Equal([0.6f, 0.1f, 1, 0], groups);
    }

    [Fact]
    public void Map_WrongLengths_AreRefused()
    {
        EmotionTaxonomy taxonomy = EmotionTaxonomy.Original(Labels);
        Assert.StartsWith("'labelValues' has 4 elements, expected a multiple of 3, the number of labels.", Assert.Throws<ArgumentException>(() => taxonomy.Map(new float[4], new float[3])).Message, StringComparison.Ordinal);
        Assert.StartsWith("'groupValues' has 3 elements, expected 6 (2 rows x 3 groups).", Assert.Throws<ArgumentException>(() => taxonomy.Map(new float[6], new float[3])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_WarmedUp_AllocatesNothing()
    {
        EmotionTaxonomy taxonomy = EmotionTaxonomy.Ekman(EmotionLabels.GoEmotions);
        float[] labels = new float[28 * 4];
        float[] groups = new float[7 * 4];
        taxonomy.Map(labels, groups);
        long before = GC.GetAllocatedBytesForCurrentThread();
        taxonomy.Map(labels, groups);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void AssertGroup(EmotionTaxonomy taxonomy, string group, string labels)
    {
        Assert.True(taxonomy.Groups.TryGetIndex(group, out int index));
        Assert.Equal(labels.Split(' '), taxonomy.Labels.Where((_, label) => taxonomy.GroupOf(label) == index));
    }
}
