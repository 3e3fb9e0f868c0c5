using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>
/// The forward graph of a classifier, from token ids to logits, made of standard operators. Not thread-safe, as its
/// <see cref="Builder"/> is not.
/// </summary>
/// <remarks>
/// Inputs, int64 <c>[batch, sequence]</c>: <c>input_ids</c>, <c>attention_mask</c> (1 for a token, 0 for padding) and, where the
/// architecture has them, <c>token_type_ids</c>; with <see cref="ClassifierGraphOptions.ParametersAsInputs"/> the parameters
/// follow. Output: <c>logits</c>, float <c>[batch, labels]</c>. A sequence above
/// <see cref="EncoderConfig.MaxPositionEmbeddings"/> fails when the graph runs.
/// </remarks>
public sealed class ClassifierGraph
{
    /// <summary>The input of token ids.</summary>
    public const string InputIdsName = "input_ids";

    /// <summary>The input that tells tokens (1) from padding (0).</summary>
    public const string AttentionMaskName = "attention_mask";

    /// <summary>The input of token types.</summary>
    public const string TokenTypeIdsName = "token_type_ids";

    /// <summary>The output.</summary>
    public const string LogitsName = "logits";

    /// <summary>The symbol of the first axis of inputs and output.</summary>
    public const string BatchSymbol = "batch";

    /// <summary>The symbol of the second axis of the inputs.</summary>
    public const string SequenceSymbol = "sequence";

    private ClassifierGraph(EncoderConfig config, GraphBuilder builder, GraphValue logits, IReadOnlyList<ParameterSpec> parameters, IReadOnlyList<DropoutMaskInput> dropoutMasks)
    {
        Config = config;
        Builder = builder;
        Logits = logits;
        Parameters = parameters;
        DropoutMasks = dropoutMasks;
    }

    /// <summary>The configuration.</summary>
    public EncoderConfig Config { get; }

    /// <summary>The builder that holds the graph, for adding a loss or gradients. Its values bear the names of the parameters.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>The logits, float <c>[batch, labels]</c>.</summary>
    public GraphValue Logits { get; }

    /// <summary>The parameters, in the order in which they are inputs or initializers.</summary>
    public IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>The dropout masks that are inputs; empty unless <see cref="ClassifierGraphOptions.DropoutMasksAsInputs"/> asks for them.</summary>
    public IReadOnlyList<DropoutMaskInput> DropoutMasks { get; }

    /// <summary>Builds the graph of a checkpoint with its parameters stored in it, as for inference.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="options">How to build; null for inference with the default operator set.</param>
    /// <returns>The graph.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="checkpoint"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static ClassifierGraph FromCheckpoint(Checkpoint checkpoint, ClassifierGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return Create(checkpoint.Config, checkpoint.Parameters, options);
    }

    /// <summary>Builds the graph of a configuration.</summary>
    /// <param name="config">The configuration; it names the labels.</param>
    /// <param name="parameters">The parameters, copied into the graph; null when they are inputs.</param>
    /// <param name="options">How to build; null for inference with the default operator set.</param>
    /// <returns>The graph.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">The configuration or an option is out of range, or a parameter is missing or has another shape.</exception>
    public static ClassifierGraph Create(EncoderConfig config, ParameterSet? parameters, ClassifierGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        options ??= new ClassifierGraphOptions();
        IReadOnlyList<ParameterSpec> specs = config.Architecture.GetParameters(config);
        if (parameters is null && !options.ParametersAsInputs)
        {
            Throw.Argument("there are no parameters to store in the graph. Give them, or set ParametersAsInputs.", nameof(parameters));
        }

        TransformerGraph graph = TransformerGraph.Begin(config.ModelType + "_classifier", config, specs, options.ParametersAsInputs ? null : parameters, options);
        GraphValue first = graph.FirstTokens(config.Architecture.BuildEncoder(graph));
        GraphValue logits = graph.Builder.Output(config.Architecture.BuildLogits(graph, first), LogitsName);
        return new ClassifierGraph(config, graph.Builder, logits, specs, graph.DropoutMasks);
    }

    /// <summary>The value of a parameter in the graph.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The value.</returns>
    /// <exception cref="GraphException">There is no such parameter.</exception>
    public GraphValue Parameter(string name) => Builder.Value(name);

    /// <summary>Makes the model.</summary>
    /// <returns>The model.</returns>
    public ModelProto ToModel() => Builder.ToModel();
}
