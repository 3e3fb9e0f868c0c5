using System.Text;
using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>
/// Fresh parameters as the <c>transformers</c> library starts them: weights and embeddings normal with standard deviation
/// <c>initializer_range</c>, the padding token's word embedding zero, biases zero, layer normalizations one and zero. Thread-safe.
/// </summary>
/// <remarks>
/// Bit for bit the same on every machine, and each parameter depends on seed and name alone: another parameter more or less
/// changes no other.
/// </remarks>
public static class ParameterInitializer
{
    /// <summary>Makes all parameters of a classifier.</summary>
    /// <param name="config">The configuration; it names the labels.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The parameters, in the order of the modules.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public static ParameterSet Initialize(EncoderConfig config, long seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        RequireNoSinusoids(config);
        IReadOnlyList<ParameterSpec> specs = config.Architecture.GetParameters(config);
        ParameterSet parameters = ParameterSet.Allocate(specs);
        Parallel.ForEach(specs, spec => Fill(spec, config, seed, parameters[spec.Name].Values.Span));
        return parameters;
    }

    /// <summary>Fills the values of one parameter.</summary>
    /// <param name="spec">The parameter.</param>
    /// <param name="config">The configuration that it belongs to.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="destination">Takes the values, row-major; as long as the parameter.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    public static void Fill(ParameterSpec spec, EncoderConfig config, long seed, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(config);
        if (destination.Length != spec.ElementCount)
        {
            Throw.Argument($"the destination has {destination.Length} elements, expected {spec.ElementCount} for parameter '{spec.Name}'.", nameof(destination));
        }

        switch (spec.Initialization)
        {
            case ParameterInitialization.Zero:
                destination.Clear();
                break;
            case ParameterInitialization.One:
                destination.Fill(1);
                break;
            default:
                FillNormal(spec.Name, seed, config.InitializerRange, destination);
                break;
        }

        if (spec.Initialization == ParameterInitialization.NormalWithZeroPaddingRow)
        {
            int columns = (int)spec.Shape[1];
            destination.Slice(config.PadTokenId * columns, columns).Clear();
        }
    }

    internal static void RequireNoSinusoids(EncoderConfig config)
    {
        if (config.SinusoidalPositionEmbeddings)
        {
            Throw.Argument("the configuration has sinusoidal_pos_embds true, expected false for fresh parameters: such an encoder is read from a checkpoint, which stores its position embeddings. Set it to false.", nameof(config));
        }
    }

    // Two values a block: the counter's lower half counts the blocks, its upper half is the parameter's name, the key is the seed.
    private static void FillNormal(string name, long seed, double deviation, Span<float> destination)
    {
        ulong stream = Hash(name);
        for (int i = 0; i < destination.Length; i += 2)
        {
            (ulong low, ulong high) = Philox.Block((ulong)seed, (ulong)(i / 2), stream);
            destination[i] = (float)(deviation * NormalQuantile.Of(Uniform(low)));
            if (i + 1 < destination.Length)
            {
                destination[i + 1] = (float)(deviation * NormalQuantile.Of(Uniform(high)));
            }
        }
    }

    // The middle of one of 2^52 equal parts of (0, 1): never 0 or 1, and exact.
    private static double Uniform(ulong bits) => ((bits >> 12) + 0.5) * (1.0 / (1UL << 52));

    // FNV-1a over the name in UTF-8.
    private static ulong Hash(string name)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }
}
