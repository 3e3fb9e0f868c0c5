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
        return precision == ServingPrecision.Float16 ? builder.Node("Cast", [logits], ("to", ElementType.Float32)) : logits;
    }

    private GraphValue Embeddings(EncoderModuleNames modules)
    {
        using NameScope scope = builder.Scope("embeddings");
        GraphValue words = layers.Words(layout.InputIds, modules.WordEmbeddings);
        GraphValue positions = layers.Positions(modules.PositionEmbeddings, modules.TokenTypeEmbeddings);
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
    private float QueryScale => precision == ServingPrecision.Float16 ? (float)(1 / Math.Sqrt(config.HeadSize)) : 1;

    private GraphValue FirstQueries(GraphValue fed, string activation, EncoderLayerNames names) =>
        builder.Node("Unsqueeze", [layers.Linear(fed, activation, QueryScale, names.Query), builder.Integers(1)]);

    private GraphValue FedLinear(GraphValue value, string activation, string module) =>
        layers.Linear(layers.Feed(value, activation), activation, module);

    private GraphValue AddAndNorm(GraphValue value, GraphValue residual, string norm) =>
        layers.LayerNorm(builder.Node("Add", [value, residual]), norm);

    // Query [batch, queries, hidden], key and value [batch, sequence, hidden].
    private GraphValue Attend(GraphValue query, GraphValue key, GraphValue value) => precision == ServingPrecision.Float16
        ? AttendWithFloatSoftmax(query, key, value)
        : builder.Node("Attention", [query, key, value, null, null, null, layout.Lengths], ("q_num_heads", (long)config.HeadCount), ("kv_num_heads", (long)config.HeadCount));

    // Of operators that every CUDA build has in float16: the fused one of opset 24 is young, and its softmax is float16's there.
    private GraphValue AttendWithFloatSoftmax(GraphValue query, GraphValue key, GraphValue value)
    {
        GraphValue scores = builder.Node("MatMul", [Heads(query, 0, 2, 1, 3), Heads(key, 0, 2, 3, 1)]);
        GraphValue masked = builder.Node("Add", [builder.Node("Cast", [scores], ("to", ElementType.Float32)), AdditiveMask()]);
        GraphValue weights = builder.Node("Cast", [builder.Node("Softmax", [masked], ("axis", -1L))], ("to", ElementType.Float16));
        GraphValue context = builder.Node("Transpose", [builder.Node("MatMul", [weights, Heads(value, 0, 2, 1, 3)])], ("perm", new long[] { 0, 2, 1, 3 }));
        return builder.Node("Reshape", [context, builder.Integers(0, 0, config.HiddenSize)]);
    }

    private GraphValue Heads(GraphValue value, params long[] order) => builder.Node(
        "Transpose", [builder.Node("Reshape", [value, builder.Integers(0, 0, config.HeadCount, config.HeadSize)])], ("perm", order));

    // [batch, 1, 1, sequence]: 0 for a token, the lowest float behind the text's end.
    private GraphValue AdditiveMask()
    {
        if (_additiveMask is null)
        {
            GraphValue length = builder.Node("Squeeze", [builder.ShapeVector([ClassifierGraph.SequenceSymbol]), builder.Integers(0)]);
            GraphValue places = builder.Node("Range", [builder.Scalar(0L), length, builder.Scalar(1L)]);
            GraphValue isToken = builder.Node("Less", [places, builder.Node("Unsqueeze", [layout.Lengths, builder.Integers(1, 2, 3)])]);
            _additiveMask = builder.Node("Where", [isToken, builder.Scalar(0f), builder.Scalar(float.MinValue)]);
        }

        return _additiveMask;
    }
}
