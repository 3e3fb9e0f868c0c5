namespace GoEmotions.Onnx.Tests;

public sealed class EmotionLabelsTests
{
    [Fact]
    public void EmotionLabels_GoEmotions_HasTheReleaseOrder()
    {
        Assert.Equal(28, EmotionLabels.GoEmotions.Count);
        Assert.Equal("admiration", EmotionLabels.GoEmotions[0]);
        Assert.Equal("neutral", EmotionLabels.GoEmotions[27]);
        Assert.True(EmotionLabels.GoEmotions.TryGetIndex("joy", out int index));
        Assert.Equal(17, index);
        Assert.False(EmotionLabels.GoEmotions.TryGetIndex("Joy", out index));
        Assert.Equal(-1, index);
    }

    [Fact]
    public void EmotionLabels_DuplicateName_NamesBothPlaces()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EmotionLabels.Create("joy", "fear", "joy"));
        Assert.Equal("labels: label 'joy' stands at 0 and at 2, expected distinct names. Remove one of them.", error.Message);
    }

    [Fact]
    public void EmotionLabels_EmptyName_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => EmotionLabels.Create("joy", " "));
        Assert.Throws<InvalidDataException>(() => EmotionLabels.Create());
    }

    [Theory]
    [InlineData("joy\nfear\n")]
    [InlineData("joy\r\nfear")]
    [InlineData("\uFEFFjoy\nfear\n\n")]
    public void EmotionLabels_LoadedFile_IgnoresLineEndingsAndByteOrderMark(string text)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(EmotionLabels.Create("joy", "fear"), EmotionLabels.Load(folder.Write("labels.txt", text)));
    }
}
