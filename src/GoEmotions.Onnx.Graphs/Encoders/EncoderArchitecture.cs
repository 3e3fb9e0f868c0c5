using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>
/// A kind of encoder with its classification head: the keys of its configuration, the names and shapes of its parameters, and its
/// forward graph. One class, in one file, for each <c>model_type</c>. Immutable and thread-safe.
/// </summary>
public abstract class EncoderArchitecture
{
    private protected EncoderArchitecture()
    {
    }

    /// <summary>All architectures.</summary>
    public static IReadOnlyList<EncoderArchitecture> All { get; } = [new BertArchitecture(), new DistilBertArchitecture()];

    /// <summary>The <c>model_type</c> in a <c>config.json</c>, such as <c>bert</c>.</summary>
    public abstract string ModelType { get; }

    /// <summary>The class of the <c>transformers</c> library with the same graph, such as <c>BertForSequenceClassification</c>.</summary>
    public abstract string ClassifierClass { get; }

    /// <summary>What the names of the encoder's parameters start with, such as <c>bert.</c>; a checkpoint of the encoder alone leaves it out.</summary>
    public abstract string Prefix { get; }

    /// <summary>The names of its modules.</summary>
    internal abstract EncoderModuleNames Modules { get; }

    internal static string Supported => string.Join(" or ", All.Select(architecture => architecture.ModelType));

    /// <summary>Finds an architecture.</summary>
    /// <param name="modelType">The <c>model_type</c>.</param>
    /// <returns>The architecture, or null when there is none of that type.</returns>
    public static EncoderArchitecture? Find(string modelType) => All.FirstOrDefault(architecture => architecture.ModelType == modelType);

    /// <summary>The parameters of a classifier: of the encoder and of its head.</summary>
    /// <param name="config">The configuration; its labels give the rows of the head.</param>
    /// <returns>The parameters, in the order of the modules.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">The configuration is not valid or names no labels.</exception>
    public IReadOnlyList<ParameterSpec> GetParameters(EncoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        if (config.Labels.Count == 0)
        {
            Throw.Argument("the configuration names no labels, expected at least one for the classification head. Set Labels.", nameof(config));
        }

        var list = new ParameterList();
        AddParameters(list, config);
        return list.ToList();
    }

    /// <summary>Whether the graph has an input <c>token_type_ids</c>.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns><see langword="true"/> for BERT, <see langword="false"/> for DistilBERT.</returns>
    public abstract bool HasTokenTypes(EncoderConfig config);

    internal abstract EncoderConfig ReadConfig(EncoderConfigReader reader);

    internal abstract void WriteConfig(Utf8JsonWriter writer, EncoderConfig config);

    /// <summary>The values of this architecture that a size does not give.</summary>
    internal abstract EncoderConfig WithDefaults(EncoderConfig config);

    /// <summary>What in a configuration this architecture cannot have; null when it is fine.</summary>
    internal abstract string? Problem(EncoderConfig config);

    internal abstract void AddParameters(ParameterList list, EncoderConfig config);

    /// <summary>The parameters that predict hidden tokens in pre-training.</summary>
    internal abstract MaskedTokenHeadNames MaskedTokenHead { get; }

    /// <summary>The parameters of pre-training: of the encoder, and of the head that predicts hidden tokens.</summary>
    internal IReadOnlyList<ParameterSpec> GetMaskedTokenParameters(EncoderConfig config)
    {
        var head = new ParameterList { Role = ParameterRole.Head };
        head.Linear(MaskedTokenHead.Transform, config.HiddenSize, config.HiddenSize);
        head.LayerNorm(MaskedTokenHead.Norm, config.HiddenSize);
        head.Bias(MaskedTokenHead.Bias, config.VocabularySize);
        return [.. GetParameters(config).Where(spec => spec.Role is ParameterRole.Embeddings or ParameterRole.EncoderLayer), .. head.ToList()];
    }

    /// <summary>Builds the forward pass up to the hidden states.</summary>
    /// <returns>What <see cref="TransformerGraph.EncoderLayers"/> gives.</returns>
    internal abstract GraphValue BuildEncoder(TransformerGraph graph);

    /// <summary>Builds what follows on the encoder in a classifier.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="first">The hidden states of each text's first token, [batch, hidden].</param>
    /// <returns>The logits, float [batch, labels].</returns>
    internal abstract GraphValue BuildLogits(TransformerGraph graph, GraphValue first);
}
