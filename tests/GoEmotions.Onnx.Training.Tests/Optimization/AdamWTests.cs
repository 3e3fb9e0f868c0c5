using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Tests.Optimization;

public sealed class AdamWTests
{
    [Fact]
    public void AdamW_VectorPath_EqualsTheScalarPathToTheBit()
    {
        var random = new System.Random(7);
        float[] Values(int count, bool positive) => [.. Enumerable.Range(0, count).Select(_ => positive ? random.NextSingle() : random.NextSingle() - 0.5f)];
        foreach (int count in new[] { 0, 1, 7, 8, 15, 16, 17, 31, 64, 1000 })
        {
            float[] p = Values(count, false), g = Values(count, false), m = Values(count, false), v = Values(count, true);
            float[] p2 = [.. p], m2 = [.. m], v2 = [.. v];
            var step = new AdamW(new AdamWOptions(), learningRate: 1e-3, stepNumber: 3, weightDecay: 0.01, gradientScale: 0.7);
            step.Step(p, g, m, v);
            for (int index = 0; index < count; index++)
            {
                step.StepScalar(ref p2[index], g[index], ref m2[index], ref v2[index]);
            }

            Assert.Equal(p2, p);
            Assert.Equal(m2, m);
            Assert.Equal(v2, v);
        }
    }

    [Theory]
    [InlineData(AdamWMode.PyTorch, 1e-8)]
    [InlineData(AdamWMode.PyTorch, 0.1)]
    [InlineData(AdamWMode.HuggingFace, 1e-8)]
    [InlineData(AdamWMode.HuggingFace, 0.1)]
    public void AdamW_TwentySteps_AgreesWithFloat64(AdamWMode mode, double epsilon)
    {
        var options = new AdamWOptions { WeightDecay = 0.1, Mode = mode, Epsilon = epsilon };
        float[] p = [0.5f, -1.25f, 2f], m = new float[3], v = new float[3];
        double[] p64 = [0.5, -1.25, 2], m64 = new double[3], v64 = new double[3];
        for (int step = 1; step <= 20; step++)
        {
            float[] g = [MathF.Sin(step), 0.1f * step, -3f];
            double rate = 0.01 * step;
            new AdamW(options, rate, step, options.WeightDecay, gradientScale: 0.5).Step(p, g, m, v);
            for (int index = 0; index < 3; index++)
            {
                double gradient = g[index] * 0.5;
                m64[index] = (0.9 * m64[index]) + (0.1 * gradient);
                v64[index] = (0.999 * v64[index]) + (0.001 * gradient * gradient);
                double rootCorrection = Math.Sqrt(1 - Math.Pow(0.999, step));
                double moved = rate / (1 - Math.Pow(0.9, step)) * m64[index];
                p64[index] = mode == AdamWMode.PyTorch
                    ? (p64[index] * (1 - (rate * 0.1))) - (moved / ((Math.Sqrt(v64[index]) / rootCorrection) + epsilon))
                    : (p64[index] - (moved * rootCorrection / (Math.Sqrt(v64[index]) + epsilon))) * (1 - (rate * 0.1));
            }
        }

        // 20 float32 steps of about 4 roundings each on values near 1: 20 * 4 * 6e-8 = 5e-6.
        Assert.All(p.Zip(p64), pair => Assert.Equal(pair.Second, pair.First, 5e-6));
    }

    [Theory]
    [InlineData(1.0, 0.999, 1e-8, 0.01, "Beta1")]
    [InlineData(0.9, -0.1, 1e-8, 0.01, "Beta2")]
    [InlineData(0.9, 0.999, 0.0, 0.01, "Epsilon")]
    [InlineData(0.9, 0.999, 1e-8, double.NaN, "WeightDecay")]
    public void AdamWOptions_OutOfRange_IsRefusedByName(double beta1, double beta2, double epsilon, double weightDecay, string name)
    {
        var options = new AdamWOptions { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = weightDecay };
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }
}
