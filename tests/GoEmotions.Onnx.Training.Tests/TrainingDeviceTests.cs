namespace GoEmotions.Onnx.Training.Tests;

public sealed class TrainingDeviceTests
{
    [Theory]
    [InlineData("cpu", "cpu", 0)]
    [InlineData(" CPU ", "cpu", 0)]
    [InlineData("cuda", "cuda:0", 0)]
    [InlineData("CUDA:3", "cuda:3", 3)]
    public void TrainingDevice_Text_IsReadAndWritten(string text, string expected, int index)
    {
        var device = TrainingDevice.Parse(text);
        Assert.Equal(expected, device.ToString());
        Assert.Equal(index, device.Index);
        Assert.Equal(expected == "cpu", device.IsCpu);
        Assert.Equal(device, TrainingDevice.Parse(device.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:+1")]
    [InlineData("cuda:1.5")]
    [InlineData("cuda:99999999999")]
    [InlineData("cpu:0")]
    public void TrainingDevice_OtherText_IsRefusedWithWhatIsExpected(string text)
    {
        FormatException error = Assert.Throws<FormatException>(() => TrainingDevice.Parse(text));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("cuda:N", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainingDevice_NegativeIndex_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => TrainingDevice.Cuda(-1));
}
