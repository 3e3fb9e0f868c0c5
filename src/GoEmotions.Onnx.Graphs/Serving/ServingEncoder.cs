using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>Builds a classifier for serving: post-LN encoder layers, the last of them for each text's first token alone, and the head.</summary>
internal sealed class ServingEncoder(GraphBuilder builder, EncoderConfig config, ServingLayers layers, TokenLayout layout, ServingPrecision precision)
{
    public const string HeadActivation = "head.input";
    public const string ClassifierActivation = "classifier.input";

    private GraphValue? _additiveMask;

    public GraphValue BuildLogits()
    {
        EncoderModuleNames modules = config.Architecture.Modules;
        GraphValue hidden = Embeddings(modules);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            using NameScope scope = builder.Scope($"layer.{layer}");
            hidden = EncoderLayer(hidden, layer, modules.Layer(layer));
        }

        using NameScope head = builder.Scope("head");
        GraphValue dense = layers.Linear(layers.Feed(hidden, HeadActivation), HeadActivation, modules.HeadDense);
        GraphValue fed = layers.Feed(builder.Node(modules.HeadActivation, [dense]), ClassifierActivation);
        GraphValue logits = layers.Linear(fed, ClassifierActivation, modules.Classifier);
        return Cast(logits, ElementType.Float32);
    }

    private GraphValue Embeddings(EncoderModuleNames modules)
    {
        using NameScope scope = builder.Scope("embeddings");
        GraphValue words = layers.Words(layout.InputIds, modules.WordEmbeddings);
        if (layout.TokenTypeIds is { } types)
        {
            words = builder.Node("Add", [words, layers.Rows(modules.TokenTypeEmbeddings!, types)]);
        }

        GraphValue positions = layers.Positions(modules.PositionEmbeddings, layout.TokenTypeIds is null ? modules.TokenTypeEmbeddings : null);
        return layers.LayerNorm(layout.AddPositions(words, positions), modules.EmbeddingsNorm);
    }

    private GraphValue EncoderLayer(GraphValue hidden, int layer, EncoderLayerNames names)
    {
        bool isLast = layer == config.LayerCount - 1;
        string input = $"layer.{layer}.input";
        string context = $"layer.{layer}.context";
        GraphValue fed = layers.Feed(hidden, input);
        GraphValue[] heads = isLast
            ? [FirstQueries(layout.FirstTokens(fed), input, names), .. layout.SplitAndPad(layers.Linear(fed, input, names.Key, names.Value), 2)]
            : layout.SplitAndPad(layers.Linear(fed, input, QueryScale, names.Query, names.Key, names.Value), 3);
        GraphValue attended = layout.ToRows(Attend(heads[0], heads[1], heads[2]));
        if (isLast)
        {
            hidden = layout.FirstTokens(hidden);
            attended = layers.Feed(attended, context);
        }
        else
        {
            // Codes are gathered at a quarter of the bytes; ranges are observed on tokens alone, not on padding.
            attended = layers.IsInt8(context) ? layout.Unpad(layers.Feed(attended, context)) : layers.Feed(layout.Unpad(attended), context);
        }

        hidden = AddAndNorm(layers.Linear(attended, context, names.AttentionOutput), hidden, names.AttentionNorm);
        GraphValue inner = FedLinear(hidden, $"layer.{layer}.attention", names.Intermediate);
        GraphValue outer = FedLinear(layers.Activate(inner), $"layer.{layer}.inner", names.Output);
        return AddAndNorm(outer, hidden, names.OutputNorm);
    }

    // The fused operator scales by itself; over separate ones the scale stands in the query's weights.
    private float QueryScale => UsesAttentionOperator ? 1 : (float)(1 / Math.Sqrt(config.HeadSize));

    // Of opset 24, with lengths: too young for other programs, and its softmax is float16's on CUDA.
    private bool UsesAttentionOperator => layout.Lengths is not null && precision != ServingPrecision.Float16;

    private GraphValue FirstQueries(GraphValue fed, string activation, EncoderLayerNames names) =>
        builder.Node("Unsqueeze", [layers.Linear(fed, activation, QueryScale, names.Query), builder.Integers(1)]);

    private GraphValue FedLinear(GraphValue value, string activation, string module) =>
        layers.Linear(layers.Feed(value, activation), activation, module);

    private GraphValue AddAndNorm(GraphValue value, GraphValue residual, string norm) =>
        layers.LayerNorm(builder.Node("Add", [value, residual]), norm);

    // Query [batch, queries, hidden], key and value [batch, sequence, hidden].
    private GraphValue Attend(GraphValue query, GraphValue key, GraphValue value) => UsesAttentionOperator
        ? builder.Node("Attention", [query, key, value, null, null, null, layout.Lengths], ("q_num_heads", (long)config.HeadCount), ("kv_num_heads", (long)config.HeadCount))
        : AttendByProducts(query, key, value);

    // Of operators that every build has; the softmax is float32's whatever the products are.
    private GraphValue AttendByProducts(GraphValue query, GraphValue key, GraphValue value)
    {
        GraphValue scores = builder.Node("MatMul", [Heads(query, 0, 2, 1, 3), Heads(key, 0, 2, 3, 1)]);
        GraphValue weights = builder.Node("Softmax", [builder.Node("Add", [Cast(scores, ElementType.Float32), AdditiveMask()])], ("axis", -1L));
        GraphValue context = builder.Node("MatMul", [Cast(weights, value.ElementType), Heads(value, 0, 2, 1, 3)]);
        return builder.Node("Reshape", [builder.Node("Transpose", [context], ("perm", new long[] { 0, 2, 1, 3 })), builder.Integers(0, 0, config.HiddenSize)]);
    }

    private GraphValue Cast(GraphValue value, ElementType type) => value.ElementType == type ? value : builder.Node("Cast", [value], ("to", type));

    private GraphValue Heads(GraphValue value, params long[] order) => builder.Node(
        "Transpose", [builder.Node("Reshape", [value, builder.Integers(0, 0, config.HeadCount, config.HeadSize)])], ("perm", order));

    // [batch, 1, 1, sequence]: 0 for a token, the lowest float behind the text's end. Added to a score of any usual size it stays
    // finite, so that a text of nothing but padding gets even weights instead of NaN.
    private GraphValue AdditiveMask() =>
        _additiveMask ??= builder.Node("Where", [layout.AreTokens, builder.Scalar(0f), builder.Scalar(float.MinValue)]);
}
