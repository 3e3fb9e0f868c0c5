using System.Globalization;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Parity.Tests.Encoders;

/// <summary>Random models and batches for comparisons.</summary>
internal static class RandomModel
{
    private const int VocabularySize = 997;

    /// <summary>A model of the size <c>layers x hidden size x heads</c>.</summary>
    public static EncoderConfig Config(string modelType, string size)
    {
        int[] numbers = [.. size.Split('x').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return EncoderConfig.Create(
            new EncoderSize(size, numbers[0], numbers[1], numbers[2]), VocabularySize, [.. Enumerable.Range(0, 28).Select(label => $"label {label}")], modelType);
    }

    /// <summary>Every parameter differs from what it starts as, biases and normalizations too, so that none can be left out unnoticed. Matrices have the deviation <paramref name="gain"/> / sqrt(inputs).</summary>
    public static ParameterSet Parameters(EncoderConfig config, int seed, double gain = 1.5)
    {
        IReadOnlyList<ParameterSpec> specs = config.Architecture.GetParameters(config);
        ParameterSet parameters = ParameterSet.Allocate(specs);
        var random = new Random(seed);
        foreach (ParameterSpec spec in specs)
        {
            bool isMatrix = spec.Shape.Count == 2;
            double center = spec.Initialization == ParameterInitialization.One ? 1 : 0;
            double deviation = isMatrix ? gain / Math.Sqrt(spec.Shape[1]) : 0.2;
            foreach (ref float value in parameters[spec.Name].Values.Span)
            {
                // Uniform with the deviation asked for.
                value = (float)(center + (deviation * Math.Sqrt(3) * ((2 * random.NextDouble()) - 1)));
            }
        }

        return parameters;
    }

    /// <summary>Random lengths and ids, so that some ids repeat; with holes, some tokens inside a text are masked too.</summary>
    public static (long[] Ids, long[] Mask, long[] Types) Batch(Random random, int batch, int sequence, bool holes)
    {
        var ids = new long[batch * sequence];
        var mask = new long[batch * sequence];
        var types = new long[batch * sequence];
        for (int row = 0; row < batch; row++)
        {
            int length = random.Next(1, sequence + 1);
            for (int column = 0; column < sequence; column++)
            {
                int at = (row * sequence) + column;
                ids[at] = random.Next(VocabularySize);
                types[at] = random.Next(2);
                mask[at] = column == 0 || (column < length && !(holes && random.Next(4) == 0)) ? 1 : 0;
            }
        }

        return (ids, mask, types);
    }
}
