using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>DistilBERT (Sanh et al. 2019): no token types, no pooler; a ReLU layer before the linear head.</summary>
internal sealed class DistilBertArchitecture : EncoderArchitecture
{
    // Its configuration has no epsilon: the architecture fixes it.
    private const double Epsilon = 1e-12;

    public override string ModelType => "distilbert";

    public override string ClassifierClass => "DistilBertForSequenceClassification";

    public override string Prefix => "distilbert.";

    internal override EncoderModuleNames Modules { get; } = new()
    {
        WordEmbeddings = "distilbert.embeddings.word_embeddings",
        PositionEmbeddings = "distilbert.embeddings.position_embeddings",
        EmbeddingsNorm = "distilbert.embeddings.LayerNorm",
        Layer = Names,
        HeadDense = "pre_classifier",
        HeadActivation = "Relu",
        Classifier = "classifier",
    };

    public override bool HasTokenTypes(EncoderConfig config) => false;

    internal override MaskedTokenHeadNames MaskedTokenHead { get; } = new()
    {
        WordEmbeddings = "distilbert.embeddings.word_embeddings.weight",
        Transform = "vocab_transform",
        Norm = "vocab_layer_norm",
        Bias = "vocab_projector.bias",
    };

    internal override EncoderConfig ReadConfig(EncoderConfigReader reader) => new()
    {
        ModelType = ModelType,
        VocabularySize = reader.Integer("vocab_size"),
        HiddenSize = reader.Integer("dim"),
        LayerCount = reader.Integer("n_layers"),
        HeadCount = reader.Integer("n_heads"),
        IntermediateSize = reader.Integer("hidden_dim"),
        MaxPositionEmbeddings = reader.Integer("max_position_embeddings"),
        Activation = reader.Activation("activation"),
        LayerNormEpsilon = Epsilon,
        InitializerRange = reader.Number("initializer_range", 0.02),
        HiddenDropout = reader.Number("dropout", 0.1),
        AttentionDropout = reader.Number("attention_dropout", 0.1),
        ClassifierDropout = reader.Number("seq_classif_dropout", 0.2),
        PadTokenId = reader.Integer("pad_token_id", 0),
        SinusoidalPositionEmbeddings = reader.Flag("sinusoidal_pos_embds", false),
    };

    internal override void WriteConfig(Utf8JsonWriter writer, EncoderConfig config)
    {
        writer.WriteString("activation", EncoderConfigWriter.Name(config.Activation));
        writer.WriteNumber("attention_dropout", config.AttentionDropout);
        writer.WriteNumber("dim", config.HiddenSize);
        writer.WriteNumber("dropout", config.HiddenDropout);
        writer.WriteNumber("hidden_dim", config.IntermediateSize);
        writer.WriteNumber("n_heads", config.HeadCount);
        writer.WriteNumber("n_layers", config.LayerCount);
        writer.WriteNumber("seq_classif_dropout", config.ClassifierDropout);
        writer.WriteBoolean("sinusoidal_pos_embds", config.SinusoidalPositionEmbeddings);
        writer.WriteBoolean("tie_weights_", true);
    }

    internal override EncoderConfig WithDefaults(EncoderConfig config) => config with { ClassifierDropout = 0.2 };

    internal override string? Problem(EncoderConfig config) =>
        config.TypeVocabularySize != 0 ? $"type_vocab_size is {config.TypeVocabularySize}, expected 0 for distilbert, which has no token types."
        : config.LayerNormEpsilon != Epsilon ? $"the layer normalization epsilon is {config.LayerNormEpsilon}, expected {Epsilon}, which distilbert fixes."
        : null;

    internal override void AddParameters(ParameterList list, EncoderConfig config)
    {
        int hidden = config.HiddenSize;
        list.Role = ParameterRole.Embeddings;
        list.Embedding(Modules.WordEmbeddings, config.VocabularySize, hidden, hasPaddingRow: true);
        list.Embedding(Modules.PositionEmbeddings, config.MaxPositionEmbeddings, hidden);
        list.LayerNorm(Modules.EmbeddingsNorm, hidden);
        list.EncoderLayers(config, Modules.Layer);
        list.Role = ParameterRole.Head;
        list.Linear(Modules.HeadDense, hidden, hidden);
        list.Linear(Modules.Classifier, config.Labels.Count, hidden);
    }

    internal override GraphValue BuildEncoder(TransformerGraph graph)
    {
        GraphValue hidden = graph.Embeddings(
            "embeddings",
            Modules.EmbeddingsNorm,
            graph.Rows(Modules.WordEmbeddings, graph.InputIds),
            graph.Rows(Modules.PositionEmbeddings, graph.PositionIds()));

        // Unlike BERT it drops nothing between the attention and its residual connection.
        return graph.EncoderLayers(hidden, layer => $"transformer.layer.{layer}", Modules.Layer, attentionOutputDropout: 0);
    }

    internal override GraphValue BuildLogits(TransformerGraph graph, GraphValue first)
    {
        GraphValue transformed = graph.Dense(first, "pre_classifier", Modules.HeadDense, Modules.HeadActivation);
        return graph.Head(transformed, "classifier", Modules.Classifier);
    }

    private static EncoderLayerNames Names(int layer)
    {
        string prefix = $"distilbert.transformer.layer.{layer}.";
        return new EncoderLayerNames
        {
            Query = prefix + "attention.q_lin",
            Key = prefix + "attention.k_lin",
            Value = prefix + "attention.v_lin",
            AttentionOutput = prefix + "attention.out_lin",
            AttentionNorm = prefix + "sa_layer_norm",
            Intermediate = prefix + "ffn.lin1",
            Output = prefix + "ffn.lin2",
            OutputNorm = prefix + "output_layer_norm",
        };
    }
}
