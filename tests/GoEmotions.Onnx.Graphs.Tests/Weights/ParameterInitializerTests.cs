using System.Security.Cryptography;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Tests.Weights;

public sealed class ParameterInitializerTests
{
    // Both were computed independently in Python, from the generator's definition and that library's own AS 241.
    private static readonly uint[] GoldenBits = [0x3c599c1b, 0xbc781784, 0x3d3112f6, 0x3a493aa4, 0x3baae69d, 0xbce045bb];

    private const string GoldenHash = "80E058291D193FEE8CEDFC8C41AF35F149B0582B66E797B042224077FDB61381";

    // Known answers of Philox 4x32-10, published with Random123 (Salmon et al. 2011).
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0xe169c58d_6627e8d5UL, 0x9b00dbd8_bc57ac4cUL)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x41c83b0e_408f276dUL, 0x6d5451fd_a20bc7c6UL)]
    [InlineData(0x299f31d0_a4093822UL, 0x85a308d3_243f6a88UL, 0x03707344_13198a2eUL, 0x94fdcceb_d16cfe09UL, 0x24126ea1_5001e420UL)]
    public void Philox_KnownCounters_GiveThePublishedAnswers(ulong key, ulong counterLow, ulong counterHigh, ulong low, ulong high) =>
        Assert.Equal((low, high), Philox.Block(key, counterLow, counterHigh));

    // Wichura's own check values (1988), and the standard quantiles to the digits that tables give.
    [Theory]
    [InlineData(0.25, -0.6744897501960817)]
    [InlineData(0.001, -3.090232306167814)]
    [InlineData(1e-20, -9.262340089798408)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.5, 0)]
    [InlineData(0.9999999, 5.199337582290662)]
    public void NormalQuantile_KnownProbabilities_GiveKnownValues(double probability, double expected) =>
        Assert.Equal(expected, NormalQuantile.Of(probability), 1e-14 * Math.Max(1, Math.Abs(expected)));

    [Fact]
    public void NormalQuantile_Log_AgreesWithTheLibrary()
    {
        var random = new Random(5);
        for (int i = 0; i < 10_000; i++)
        {
            double x = Math.ScaleB(random.NextDouble() + 0.5, random.Next(-300, 300));

            // Two units in the last place of the result, or of 1 near its zero.
            Assert.Equal(Math.Log(x), NormalQuantile.Log(x), 5e-16 * Math.Max(1, Math.Abs(Math.Log(x))));
        }
    }

    [Fact]
    public void ParameterInitializer_Golden_IsTheSameOnEveryMachine()
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 1000, ["joy", "fear"]);
        ParameterSet parameters = ParameterInitializer.Initialize(config, seed: 42);
        ReadOnlySpan<float> query = parameters["bert.encoder.layer.0.attention.self.query.weight"].Values.Span;
        uint[] bits = [.. query[..6].ToArray().Select(BitConverter.SingleToUInt32Bits)];
        Assert.Equal(GoldenBits, bits);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in parameters)
        {
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(parameter.Values.Span));
        }

        Assert.Equal(GoldenHash, Convert.ToHexString(hash.GetHashAndReset()));
    }

    [Fact]
    public void ParameterInitializer_Weights_AreNormal()
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 2000, ["joy"]) with { InitializerRange = 0.05 };
        float[] values = ParameterInitializer.Initialize(config, seed: 7)["bert.embeddings.position_embeddings.weight"].Values.ToArray();
        double[] standard = [.. values.Select(value => value / 0.05)];
        double count = standard.Length;

        // Moments of 65,536 standard normal values: each bound is about four standard errors.
        Assert.Equal(0, standard.Average(), 4 / Math.Sqrt(count));
        Assert.Equal(1, standard.Average(value => value * value), 4 * Math.Sqrt(2 / count));
        Assert.Equal(0, standard.Average(value => value * value * value), 4 * Math.Sqrt(15 / count));
        Assert.Equal(3, standard.Average(value => value * value * value * value), 4 * Math.Sqrt(96 / count));

        // Neighbours and halves do not go together.
        Assert.Equal(0, standard.Zip(standard.Skip(1), (a, b) => a * b).Average(), 4 / Math.Sqrt(count));

        // Kolmogorov and Smirnov: the distance exceeds 1.95 / sqrt(n) once in a thousand tries.
        Array.Sort(standard);
        double distance = 0;
        for (int i = 0; i < standard.Length; i++)
        {
            double below = NormalDistribution(standard[i]);
            distance = Math.Max(distance, Math.Max(Math.Abs(below - (i / count)), Math.Abs(((i + 1) / count) - below)));
        }

        Assert.InRange(distance, 0, 1.95 / Math.Sqrt(count));
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void ParameterInitializer_EachKind_StartsAsTransformersDoes(string modelType)
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 100, ["joy"], modelType) with { PadTokenId = 3 };
        ParameterSet parameters = ParameterInitializer.Initialize(config, seed: 1);
        float[] words = parameters[$"{modelType}.embeddings.word_embeddings.weight"].Values.ToArray();
        Assert.All(words[(3 * 128)..(4 * 128)], value => Assert.Equal(0, value));
        Assert.DoesNotContain(0, words[(4 * 128)..]);
        foreach (ParameterSpec spec in config.Architecture.GetParameters(config))
        {
            float[] values = parameters[spec.Name].Values.ToArray();
            bool isNorm = spec.Name.Contains("orm.", StringComparison.Ordinal);
            if (spec.Name.EndsWith("bias", StringComparison.Ordinal))
            {
                Assert.All(values, value => Assert.Equal(0, value));
            }
            else if (isNorm)
            {
                Assert.All(values, value => Assert.Equal(1, value));
            }
            else
            {
                Assert.InRange(values.Select(Math.Abs).Max(), 0.02f, 0.02f * 6);
            }

            Assert.Equal(!isNorm && spec.Shape.Count == 2, spec.TakesWeightDecay);
        }
    }

    [Fact]
    public void ParameterInitializer_AnotherLayerOrLabel_ChangesNoOtherParameter()
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 100, ["joy"]);
        ParameterSet small = ParameterInitializer.Initialize(config, seed: 1);
        ParameterSet large = ParameterInitializer.Initialize(config with { LayerCount = 3, Labels = ["joy", "fear"] }, seed: 1);
        ParameterSet other = ParameterInitializer.Initialize(config, seed: 2);
        const string Name = "bert.encoder.layer.1.output.dense.weight";
        Assert.Equal(small[Name].Values.ToArray(), large[Name].Values.ToArray());
        Assert.Equal(small["classifier.weight"].Values.ToArray(), large["classifier.weight"].Values[..128].ToArray());
        Assert.NotEqual(small[Name].Values.ToArray(), other[Name].Values.ToArray());
        Assert.NotEqual(small[Name].Values.ToArray(), small["bert.encoder.layer.0.output.dense.weight"].Values.ToArray());
    }

    [Fact]
    public void ParameterInitializer_Sinusoids_AreRefused()
    {
        EncoderConfig config = EncoderConfig.Create(EncoderSize.Tiny, 100, ["joy"], "distilbert") with { SinusoidalPositionEmbeddings = true };
        Assert.StartsWith("the configuration has sinusoidal_pos_embds true, expected false for fresh parameters", Assert.Throws<ArgumentException>(() => ParameterInitializer.Initialize(config, 1)).Message);
    }

    // The distribution function by its series around 0 (Marsaglia 2004), good to 1e-15 within 7.
    private static double NormalDistribution(double x)
    {
        double sum = x;
        double term = x;
        for (int i = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum) && i < 500; i += 2)
        {
            term *= x * x / i;
            sum += term;
        }

        return 0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }
}
