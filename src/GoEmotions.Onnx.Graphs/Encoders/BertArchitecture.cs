using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>BERT (Devlin et al. 2019) with a pooler and a linear head.</summary>
internal sealed class BertArchitecture : EncoderArchitecture
{
    public override string ModelType => "bert";

    public override string ClassifierClass => "BertForSequenceClassification";

    public override string Prefix => "bert.";

    internal override EncoderModuleNames Modules { get; } = new()
    {
        WordEmbeddings = "bert.embeddings.word_embeddings",
        PositionEmbeddings = "bert.embeddings.position_embeddings",
        TokenTypeEmbeddings = "bert.embeddings.token_type_embeddings",
        EmbeddingsNorm = "bert.embeddings.LayerNorm",
        Layer = Names,
        HeadDense = "bert.pooler.dense",
        HeadActivation = "Tanh",
        Classifier = "classifier",
    };

    public override bool HasTokenTypes(EncoderConfig config) => true;

    internal override MaskedTokenHeadNames MaskedTokenHead { get; } = new()
    {
        WordEmbeddings = "bert.embeddings.word_embeddings.weight",
        Transform = "cls.predictions.transform.dense",
        Norm = "cls.predictions.transform.LayerNorm",
        Bias = "cls.predictions.bias",
    };

    internal override EncoderConfig ReadConfig(EncoderConfigReader reader)
    {
        reader.RequireText("position_embedding_type", "absolute");
        reader.RequireFlag("is_decoder", false, "an encoder sees the whole text");
        double hiddenDropout = reader.Number("hidden_dropout_prob", 0.1);
        return new EncoderConfig
        {
            ModelType = ModelType,
            VocabularySize = reader.Integer("vocab_size"),
            HiddenSize = reader.Integer("hidden_size"),
            LayerCount = reader.Integer("num_hidden_layers"),
            HeadCount = reader.Integer("num_attention_heads"),
            IntermediateSize = reader.Integer("intermediate_size"),
            MaxPositionEmbeddings = reader.Integer("max_position_embeddings"),
            TypeVocabularySize = reader.Integer("type_vocab_size", 2),
            Activation = reader.Activation("hidden_act"),
            LayerNormEpsilon = reader.Number("layer_norm_eps", 1e-12),
            InitializerRange = reader.Number("initializer_range", 0.02),
            HiddenDropout = hiddenDropout,
            AttentionDropout = reader.Number("attention_probs_dropout_prob", 0.1),
            ClassifierDropout = reader.Number("classifier_dropout", hiddenDropout),
            PadTokenId = reader.Integer("pad_token_id", 0),
        };
    }

    internal override void WriteConfig(Utf8JsonWriter writer, EncoderConfig config)
    {
        writer.WriteNumber("attention_probs_dropout_prob", config.AttentionDropout);
        writer.WriteNumber("classifier_dropout", config.ClassifierDropout);
        writer.WriteString("hidden_act", EncoderConfigWriter.Name(config.Activation));
        writer.WriteNumber("hidden_dropout_prob", config.HiddenDropout);
        writer.WriteNumber("hidden_size", config.HiddenSize);
        writer.WriteNumber("intermediate_size", config.IntermediateSize);
        writer.WriteNumber("layer_norm_eps", config.LayerNormEpsilon);
        writer.WriteNumber("num_attention_heads", config.HeadCount);
        writer.WriteNumber("num_hidden_layers", config.LayerCount);
        writer.WriteString("position_embedding_type", "absolute");
        writer.WriteNumber("type_vocab_size", config.TypeVocabularySize);
    }

    internal override EncoderConfig WithDefaults(EncoderConfig config) => config with { TypeVocabularySize = 2 };

    internal override string? Problem(EncoderConfig config) =>
        config.TypeVocabularySize < 1 ? $"type_vocab_size is {config.TypeVocabularySize}, expected 1 or more for bert."
        : config.SinusoidalPositionEmbeddings ? "sinusoidal_pos_embds is true, expected false for bert."
        : null;

    internal override void AddParameters(ParameterList list, EncoderConfig config)
    {
        int hidden = config.HiddenSize;
        list.Role = ParameterRole.Embeddings;
        list.Embedding(Modules.WordEmbeddings, config.VocabularySize, hidden, hasPaddingRow: true);
        list.Embedding(Modules.PositionEmbeddings, config.MaxPositionEmbeddings, hidden);
        list.Embedding(Modules.TokenTypeEmbeddings!, config.TypeVocabularySize, hidden);
        list.LayerNorm(Modules.EmbeddingsNorm, hidden);
        list.EncoderLayers(config, Modules.Layer);
        list.Role = ParameterRole.Pooler;
        list.Linear(Modules.HeadDense, hidden, hidden);
        list.Role = ParameterRole.Head;
        list.Linear(Modules.Classifier, config.Labels.Count, hidden);
    }

    internal override GraphValue BuildEncoder(TransformerGraph graph)
    {
        EncoderConfig config = graph.Config;
        GraphValue hidden = graph.Embeddings(
            "embeddings",
            Modules.EmbeddingsNorm,
            graph.Rows(Modules.WordEmbeddings, graph.InputIds),
            graph.Rows(Modules.PositionEmbeddings, graph.PositionIds()),
            graph.Rows(Modules.TokenTypeEmbeddings!, graph.TokenTypeIds!));
        return graph.EncoderLayers(hidden, layer => $"encoder.layer.{layer}", Modules.Layer, config.HiddenDropout);
    }

    internal override GraphValue BuildLogits(TransformerGraph graph, GraphValue first)
    {
        GraphValue pooled = graph.Dense(first, "pooler", Modules.HeadDense, Modules.HeadActivation);
        return graph.Head(pooled, "classifier", Modules.Classifier);
    }

    private static EncoderLayerNames Names(int layer)
    {
        string prefix = $"bert.encoder.layer.{layer}.";
        return new EncoderLayerNames
        {
            Query = prefix + "attention.self.query",
            Key = prefix + "attention.self.key",
            Value = prefix + "attention.self.value",
            AttentionOutput = prefix + "attention.output.dense",
            AttentionNorm = prefix + "attention.output.LayerNorm",
            Intermediate = prefix + "intermediate.dense",
            Output = prefix + "output.dense",
            OutputNorm = prefix + "output.LayerNorm",
        };
    }
}
