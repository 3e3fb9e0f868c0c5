using GoEmotions.Onnx.Benchmarks.Serving;
using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Benchmarks.Tests;

public sealed class EncoderOperationsTests
{
    [Fact]
    public void Count_OneTokenOneLayer_IsEveryProductOnce()
    {
        EncoderConfig config = EncoderConfig.Create(new EncoderSize("one", 1, 4, 1), 10, ["label"]);
        double hidden = 4, wide = config.IntermediateSize;

        // Query, key, value, output; up and down; scores and their sum; the pooler. A multiplication and an addition each.
        double products = (4 * hidden * hidden) + (2 * hidden * wide) + (2 * hidden) + (hidden * hidden);
        Assert.Equal(2 * products, EncoderOperations.Count(config, [1]));
    }

    [Fact]
    public void Count_Texts_IsTheirSum()
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Small, 100, ["label"]);
        Assert.Equal(EncoderOperations.Count(config, [5]) + EncoderOperations.Count(config, [40]), EncoderOperations.Count(config, [5, 40]), 1.0);
    }
}
