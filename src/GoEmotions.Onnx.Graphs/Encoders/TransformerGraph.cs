using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>
/// The building blocks that encoders share, over a <see cref="GraphBuilder"/> which holds their inputs and parameters already.
/// Hidden states are <c>[tokens, hidden]</c> with tokens = batch x sequence, so that every linear layer is one Gemm with its bias.
/// </summary>
internal sealed class TransformerGraph
{
    private readonly GraphBuilder _builder;
    private readonly ClassifierGraphOptions _options;
    private readonly GraphValue _additiveMask;
    private readonly List<DropoutMaskInput> _dropoutMasks = [];
    private int _dropoutCount;

    private TransformerGraph(GraphBuilder builder, EncoderConfig config, ClassifierGraphOptions options, GraphValue inputIds, GraphValue attentionMask, GraphValue? tokenTypeIds)
    {
        _builder = builder;
        _options = options;
        _additiveMask = AdditiveMask(attentionMask);
        Config = config;
        InputIds = inputIds;
        TokenTypeIds = tokenTypeIds;
    }

    public EncoderConfig Config { get; }

    /// <summary>The graph itself.</summary>
    public GraphBuilder Builder => _builder;

    /// <summary>int64 [batch, sequence].</summary>
    public GraphValue InputIds { get; }

    /// <summary>int64 [batch, sequence], or null.</summary>
    public GraphValue? TokenTypeIds { get; }

    /// <summary>The masks that are inputs, in the order of the graph.</summary>
    public IReadOnlyList<DropoutMaskInput> DropoutMasks => _dropoutMasks;

    /// <summary>Begins a graph: the inputs of <see cref="ClassifierGraph"/>, then the parameters, stored where they are given and inputs where not.</summary>
    public static TransformerGraph Begin(string name, EncoderConfig config, IReadOnlyList<ParameterSpec> specs, ParameterSet? parameters, ClassifierGraphOptions options)
    {
        GraphBuilder.RequireOpset(options.Opset);
        var builder = new GraphBuilder(name, options.Opset);
        SymbolicShape tokens = [ClassifierGraph.BatchSymbol, ClassifierGraph.SequenceSymbol];
        GraphValue inputIds = builder.Input(ClassifierGraph.InputIdsName, ElementType.Int64, tokens);
        GraphValue attentionMask = builder.Input(ClassifierGraph.AttentionMaskName, ElementType.Int64, tokens);
        GraphValue? tokenTypeIds = config.Architecture.HasTokenTypes(config) ? builder.Input(ClassifierGraph.TokenTypeIdsName, ElementType.Int64, tokens) : null;
        foreach (ParameterSpec spec in specs)
        {
            AddParameter(builder, spec, parameters);
        }

        return new TransformerGraph(builder, config, options, inputIds, attentionMask, tokenTypeIds);
    }

    /// <summary>0, 1, 2, ... up to the sequence length, int64 [sequence].</summary>
    public GraphValue PositionIds()
    {
        using NameScope scope = _builder.Scope("embeddings");
        GraphValue length = _builder.Node("Gather", [_builder.Node("Shape", [InputIds]), _builder.Scalar(1L)]);
        return _builder.Node("Range", [_builder.Scalar(0L), length, _builder.Scalar(1L)]);
    }

    /// <summary>The rows of an embedding table. An id outside it is an error when the graph runs.</summary>
    public GraphValue Rows(string table, GraphValue ids)
    {
        using NameScope scope = _builder.Scope("embeddings");
        return _builder.Node("Gather", [_builder.Value(table + ".weight"), ids]);
    }

    /// <summary>The sum of the embeddings, normalized: [tokens, hidden].</summary>
    public GraphValue Embeddings(string scopeName, string norm, GraphValue words, params ReadOnlySpan<GraphValue> others)
    {
        using NameScope scope = _builder.Scope(scopeName);
        GraphValue sum = words;
        foreach (GraphValue other in others)
        {
            sum = _builder.Node("Add", [sum, other]);
        }

        GraphValue hidden = Dropout(LayerNorm(sum, norm), Config.HiddenDropout);
        return _builder.Node("Reshape", [hidden, _builder.Integers(-1, Config.HiddenSize)]);
    }

    /// <summary>
    /// The post-LN encoder layers, each self-attention and feed-forward, added to its input and then normalized: the hidden states
    /// [tokens, hidden], with <see cref="ClassifierGraphOptions.LastLayerOnFirstToken"/> [batch, hidden].
    /// </summary>
    public GraphValue EncoderLayers(GraphValue hidden, Func<int, string> scopeOf, Func<int, EncoderLayerNames> namesOf, double attentionOutputDropout)
    {
        for (int layer = 0; layer < Config.LayerCount; layer++)
        {
            using NameScope scope = _builder.Scope(scopeOf(layer));
            bool onFirstToken = _options.LastLayerOnFirstToken && layer == Config.LayerCount - 1;
            hidden = EncoderLayer(hidden, namesOf(layer), attentionOutputDropout, onFirstToken);
        }

        return hidden;
    }

    /// <summary>Each text's first token, [batch, hidden], of what <see cref="EncoderLayers"/> gave.</summary>
    public GraphValue FirstTokens(GraphValue hidden) => _options.LastLayerOnFirstToken ? hidden : FirstToken(hidden);

    /// <summary>
    /// The scores of all pieces of the vocabulary at chosen tokens, [chosen, vocabulary]: a dense layer, its activation and norm, and
    /// the product with the word embeddings, which are the output layer's weights too (Devlin et al. 2019, BERT).
    /// </summary>
    public GraphValue MaskedTokenHead(GraphValue chosen, MaskedTokenHeadNames names)
    {
        using NameScope scope = _builder.Scope("masked_token_head");
        GraphValue transformed = LayerNorm(Activate(Linear(chosen, names.Transform)), names.Norm);
        return _builder.Node("Gemm", [transformed, _builder.Value(names.WordEmbeddings), _builder.Value(names.Bias)], ("transB", 1L));
    }

    /// <summary>A linear layer followed by an activation.</summary>
    public GraphValue Dense(GraphValue value, string scopeName, string parameters, string activation)
    {
        using NameScope scope = _builder.Scope(scopeName);
        return _builder.Node(activation, [Linear(value, parameters)]);
    }

    /// <summary>Dropout and the linear layer to the logits.</summary>
    public GraphValue Head(GraphValue value, string scopeName, string parameters)
    {
        using NameScope scope = _builder.Scope(scopeName);
        return Linear(Dropout(value, Config.ClassifierDropout), parameters);
    }

    private static void AddParameter(GraphBuilder builder, ParameterSpec spec, ParameterSet? parameters)
    {
        long[] shape = [.. spec.Shape];
        if (parameters is null)
        {
            builder.Input(spec.Name, ElementType.Float32, SymbolicShape.Constant(shape));
            return;
        }

        Parameter parameter = parameters[spec.Name];
        if (!parameter.Shape.SequenceEqual(spec.Shape))
        {
            Throw.Argument($"parameter '{spec.Name}' has shape [{string.Join(", ", parameter.Shape)}], expected [{string.Join(", ", shape)}].", nameof(parameters));
        }

        builder.Initializer<float>(spec.Name, parameter.Values.Span, shape);
    }

    private GraphValue EncoderLayer(GraphValue hidden, EncoderLayerNames names, double attentionOutputDropout, bool onFirstToken)
    {
        using (_builder.Scope("attention"))
        {
            GraphValue queried = onFirstToken ? FirstToken(hidden) : hidden;
            GraphValue context = SelfAttention(queried, hidden, names, onFirstToken ? 1 : ClassifierGraph.SequenceSymbol);
            GraphValue attended = Dropout(Linear(context, names.AttentionOutput), attentionOutputDropout);
            hidden = LayerNorm(_builder.Node("Add", [attended, queried]), names.AttentionNorm);
        }

        using (_builder.Scope("feed_forward"))
        {
            GraphValue inner = Activate(Linear(hidden, names.Intermediate));
            GraphValue outer = Dropout(Linear(inner, names.Output), Config.HiddenDropout);
            return LayerNorm(_builder.Node("Add", [outer, hidden]), names.OutputNorm);
        }
    }

    // The hidden states of each text's first token, [batch, hidden].
    private GraphValue FirstToken(GraphValue hidden)
    {
        using NameScope scope = _builder.Scope("first_token");
        GraphValue texts = _builder.Node("Reshape", [hidden, _builder.ShapeVector([ClassifierGraph.BatchSymbol, ClassifierGraph.SequenceSymbol, Config.HiddenSize])]);
        return _builder.Node("Gather", [texts, _builder.Scalar(0L)], ("axis", 1L));
    }

    // Attention(Q, K, V) = softmax(Q K^T / sqrt(size) + mask) V per head (Vaswani et al. 2017, equation 1). The scale stands in the
    // query's Gemm, as alpha and beta: one pass less over the [batch, heads, queries, sequence] scores.
    private GraphValue SelfAttention(GraphValue queried, GraphValue hidden, EncoderLayerNames names, Dimension queries)
    {
        float scale = (float)(1 / Math.Sqrt(Config.HeadSize));
        GraphValue query = Heads(Linear(queried, names.Query, scale), queries, 0, 2, 1, 3);
        GraphValue key = Heads(Linear(hidden, names.Key), ClassifierGraph.SequenceSymbol, 0, 2, 3, 1);
        GraphValue value = Heads(Linear(hidden, names.Value), ClassifierGraph.SequenceSymbol, 0, 2, 1, 3);
        GraphValue scores = _builder.Node("Add", [_builder.Node("MatMul", [query, key]), _additiveMask]);
        GraphValue weights = Dropout(_builder.Node("Softmax", [scores], ("axis", -1L)), Config.AttentionDropout);
        GraphValue context = _builder.Node("Transpose", [_builder.Node("MatMul", [weights, value])], ("perm", new long[] { 0, 2, 1, 3 }));
        return _builder.Node("Reshape", [context, _builder.Integers(-1, Config.HiddenSize)]);
    }

    private GraphValue Heads(GraphValue value, Dimension length, params long[] order)
    {
        GraphValue shape = _builder.ShapeVector([ClassifierGraph.BatchSymbol, length, Config.HeadCount, Config.HeadSize]);
        return _builder.Node("Transpose", [_builder.Node("Reshape", [value, shape])], ("perm", order));
    }

    // [batch, 1, 1, sequence]: 0 for a token, the lowest float for padding. Added to a score of any usual size it stays finite, so a
    // text of nothing but padding gets even weights instead of NaN.
    private GraphValue AdditiveMask(GraphValue attentionMask)
    {
        using NameScope scope = _builder.Scope("mask");
        GraphValue kept = _builder.Node("Cast", [attentionMask], ("to", ElementType.Float32));
        GraphValue dropped = _builder.Node("Sub", [_builder.Scalar(1f), kept]);
        GraphValue additive = _builder.Node("Mul", [dropped, _builder.Scalar(float.MinValue)]);
        return _builder.Node("Unsqueeze", [additive, _builder.Integers(1, 2)]);
    }

    private GraphValue Linear(GraphValue value, string name, float scale = 1)
    {
        GraphValue weight = _builder.Value(name + ".weight");
        GraphValue bias = _builder.Value(name + ".bias");
        return scale == 1
            ? _builder.Node("Gemm", [value, weight, bias], ("transB", 1L))
            : _builder.Node("Gemm", [value, weight, bias], ("transB", 1L), ("alpha", scale), ("beta", scale));
    }

    private GraphValue LayerNorm(GraphValue value, string name) => _builder.Node(
        "LayerNormalization",
        [value, _builder.Value(name + ".weight"), _builder.Value(name + ".bias")],
        ("axis", -1L),
        ("epsilon", (float)Config.LayerNormEpsilon));

    private GraphValue Dropout(GraphValue value, double probability)
    {
        if (!_options.Training || probability == 0)
        {
            return value;
        }

        if (_options.DropoutMasksAsInputs)
        {
            string name = $"dropout_mask.{_dropoutMasks.Count}";
            _dropoutMasks.Add(new DropoutMaskInput(name, value.Shape, (float)probability));
            return _builder.Node("Mul", [value, _builder.Input(name, ElementType.Float32, value.Shape)]);
        }

        GraphValue[] inputs = [value, _builder.Scalar((float)probability), _builder.Scalar(true)];
        return _options.DropoutSeed is { } seed
            ? _builder.Node("Dropout", inputs, ("seed", (long)seed + _dropoutCount++))
            : _builder.Node("Dropout", inputs);
    }

    private GraphValue Activate(GraphValue value) => Config.Activation switch
    {
        HiddenActivation.Relu => _builder.Node("Relu", [value]),
        HiddenActivation.Gelu when _builder.Opset >= 20 => _builder.Node("Gelu", [value]),
        HiddenActivation.GeluTanh when _builder.Opset >= 20 => _builder.Node("Gelu", [value], ("approximate", "tanh")),
        HiddenActivation.Gelu => Half(value, _builder.Node("Erf", [_builder.Node("Mul", [value, _builder.Scalar((float)Math.Sqrt(0.5))])])),
        _ => Half(value, _builder.Node("Tanh", [GeluTanhArgument(value)])),
    };

    // x / 2 * (1 + gate)
    private GraphValue Half(GraphValue value, GraphValue gate) => _builder.Node(
        "Mul", [_builder.Node("Mul", [value, _builder.Scalar(0.5f)]), _builder.Node("Add", [gate, _builder.Scalar(1f)])]);

    // sqrt(2 / pi) * (x + 0.044715 x^3), Hendrycks and Gimpel 2016
    private GraphValue GeluTanhArgument(GraphValue value)
    {
        GraphValue cube = _builder.Node("Mul", [_builder.Node("Mul", [value, value]), value]);
        GraphValue sum = _builder.Node("Add", [value, _builder.Node("Mul", [cube, _builder.Scalar(0.044715f)])]);
        return _builder.Node("Mul", [sum, _builder.Scalar((float)Math.Sqrt(2 / Math.PI))]);
    }
}
