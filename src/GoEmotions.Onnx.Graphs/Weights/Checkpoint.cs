using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>A configuration with its parameters, as read from a folder or made anew.</summary>
/// <param name="Config">The configuration; it names the labels.</param>
/// <param name="Parameters">The parameters of encoder and head, by their Hugging Face names.</param>
/// <param name="Report">What was read, made anew and left aside.</param>
public sealed record Checkpoint(EncoderConfig Config, ParameterSet Parameters, CheckpointReport Report)
{
    /// <summary>Makes a checkpoint with fresh parameters.</summary>
    /// <param name="config">The configuration; it names the labels.</param>
    /// <param name="seed">The seed; the same gives the same parameters on every machine.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">The configuration is not valid or names no labels.</exception>
    public static Checkpoint CreateRandom(EncoderConfig config, long seed)
    {
        ParameterSet parameters = ParameterInitializer.Initialize(config, seed);
        return new Checkpoint(config, parameters, new CheckpointReport { InitializedParameters = [.. parameters.Select(parameter => parameter.Name)], Seed = seed });
    }
}
