using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>
/// A model's forward pass, loss and gradients in one graph: from token ids, labels and parameters to the loss, the logits
/// and the gradient of each trained parameter. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Inputs: those of <see cref="ClassifierGraph"/> with the parameters, the dropout masks, and <see cref="LabelsName"/>, float
/// <c>[batch, labels]</c>. Outputs: <see cref="LossName"/>, a scalar, <see cref="ClassifierGraph.LogitsName"/>, and the gradients.
/// </remarks>
public sealed class TrainingGraph
{
    /// <summary>The input of targets, float <c>[batch, labels]</c>, each in [0, 1].</summary>
    public const string LabelsName = "labels";

    /// <summary>The output of the loss, a scalar.</summary>
    public const string LossName = "loss";

    /// <summary>The input of pre-training with the places of the hidden tokens, int64 <c>[masked]</c>, counted over all rows: row x sequence length + place.</summary>
    public const string MaskedPositionsName = "masked_positions";

    /// <summary>The input of pre-training with the ids of the pieces that stood there, int64 <c>[masked]</c>.</summary>
    public const string MaskedIdsName = "masked_ids";

    /// <summary>The symbol of the number of hidden tokens.</summary>
    public const string MaskedSymbol = "masked";

    private TrainingGraph(ModelProto model, IReadOnlyList<ParameterSpec> parameters, IReadOnlyDictionary<string, string> gradients, IReadOnlyList<RowGradientOutput> rowGradients, IReadOnlyList<DropoutMaskInput> dropoutMasks)
    {
        Model = model;
        Parameters = parameters;
        Gradients = gradients;
        RowGradients = rowGradients;
        DropoutMasks = dropoutMasks;
    }

    /// <summary>The model.</summary>
    public ModelProto Model { get; }

    /// <summary>All parameters, trained or not, in the order of the inputs.</summary>
    public IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>The names of the outputs with the gradients, by parameter, each of the parameter's shape.</summary>
    public IReadOnlyDictionary<string, string> Gradients { get; }

    /// <summary>The gradients that are given as rows.</summary>
    public IReadOnlyList<RowGradientOutput> RowGradients { get; }

    /// <summary>The dropout masks that are inputs.</summary>
    public IReadOnlyList<DropoutMaskInput> DropoutMasks { get; }

    /// <summary>Builds the graph of a classifier.</summary>
    /// <param name="config">The configuration; it names the labels.</param>
    /// <param name="options">What to compute; <see langword="null"/> for the defaults.</param>
    /// <returns>The graph.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">The configuration or an option is out of range, or no parameter is trained.</exception>
    public static TrainingGraph Create(EncoderConfig config, TrainingGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        options ??= new TrainingGraphOptions();
        (ClassifierGraph classifier, GraphValue loss) = ForwardWithLoss(config, options, training: options.Dropout);
        return Differentiate(classifier.Builder, loss, classifier.Parameters, classifier.DropoutMasks, options);
    }

    /// <summary>
    /// Builds the graph of pre-training by hidden tokens (Devlin et al. 2019, BERT, section 3.1): the encoder, the head that
    /// predicts the pieces at <see cref="MaskedPositionsName"/>, and the mean cross-entropy with <see cref="MaskedIdsName"/>.
    /// There is no output of logits.
    /// </summary>
    /// <param name="config">The configuration of the classifier that is to be fine-tuned; its pooler and head have no part in it.</param>
    /// <param name="options">What to compute, the loss aside; <see langword="null"/> for the defaults.</param>
    /// <returns>The graph.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">The configuration or an option is out of range, or no parameter is trained.</exception>
    public static TrainingGraph CreateMaskedToken(EncoderConfig config, TrainingGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        options ??= new TrainingGraphOptions();
        IReadOnlyList<ParameterSpec> parameters = config.Architecture.GetMaskedTokenParameters(config);
        TransformerGraph transformer = TransformerGraph.Begin(config.ModelType + "_masked_token", config, parameters, null, new ClassifierGraphOptions
        {
            ParametersAsInputs = true,
            Training = options.Dropout,
            DropoutMasksAsInputs = options.DropoutMasksAsInputs,
            DropoutSeed = options.DropoutSeed,
            Opset = options.Opset,
        });
        GraphBuilder graph = transformer.Builder;
        GraphValue positions = graph.Input(MaskedPositionsName, ElementType.Int64, [MaskedSymbol]);
        GraphValue ids = graph.Input(MaskedIdsName, ElementType.Int64, [MaskedSymbol]);
        GraphValue hidden = config.Architecture.BuildEncoder(transformer);
        GraphValue chosen = graph.Node("Gather", [hidden, positions], ("axis", 0L));
        GraphValue logits = transformer.MaskedTokenHead(chosen, config.Architecture.MaskedTokenHead);
        GraphValue loss = LossGraphs.SoftmaxCrossEntropy(graph, logits, ids);
        return Differentiate(graph, loss, parameters, transformer.DropoutMasks, options);
    }

    private static TrainingGraph Differentiate(GraphBuilder graph, GraphValue loss, IReadOnlyList<ParameterSpec> parameters, IReadOnlyList<DropoutMaskInput> dropoutMasks, TrainingGraphOptions options)
    {
        ParameterSpec[] trained = [.. parameters.Where(spec => options.Trains?.Invoke(spec) ?? true)];
        if (trained.Length == 0)
        {
            Throw.Argument("no parameter is trained, expected at least one. Freeze fewer.", nameof(options));
        }

        GraphValue[] tables = options.EmbeddingGradientsAsRows
            ? [.. trained.Where(spec => spec is { Role: ParameterRole.Embeddings, Shape.Count: 2 }).Select(spec => graph.Value(spec.Name))]
            : [];
        GradientSet gradients = BackwardGraphBuilder.Build(graph, loss, [.. trained.Select(spec => graph.Value(spec.Name))], tables, options.StandardOperatorsOnly);
        graph.Output(loss, LossName);
        var dense = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((GraphValue parameter, GraphValue gradient) in gradients.Dense)
        {
            dense.Add(parameter.Name, graph.Output(gradient, $"{parameter.Name}.gradient").Name);
        }

        List<RowGradientOutput> rows = OutputRows(graph, gradients.Rows);
        return new TrainingGraph(graph.ToModel(), parameters, dense, rows, dropoutMasks);
    }

    /// <summary>Builds the same forward pass and loss without dropout and without gradients: what a training is measured with.</summary>
    /// <param name="config">The configuration; it names the labels.</param>
    /// <param name="options">The loss and the operator set; <see langword="null"/> for the defaults.</param>
    /// <returns>The model: its inputs are those of the training graph but for dropout masks, its outputs logits and loss.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">The configuration or an option is out of range.</exception>
    public static ModelProto CreateEvaluation(EncoderConfig config, TrainingGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        (ClassifierGraph classifier, GraphValue loss) = ForwardWithLoss(config, options ?? new TrainingGraphOptions(), training: false);
        classifier.Builder.Output(loss, LossName);
        return classifier.ToModel();
    }

    private static (ClassifierGraph Classifier, GraphValue Loss) ForwardWithLoss(EncoderConfig config, TrainingGraphOptions options, bool training)
    {
        ClassifierGraph classifier = ClassifierGraph.Create(config, null, new ClassifierGraphOptions
        {
            ParametersAsInputs = true,
            Training = training,
            DropoutMasksAsInputs = options.DropoutMasksAsInputs,
            DropoutSeed = options.DropoutSeed,
            LastLayerOnFirstToken = true,
            Opset = options.Opset,
        });
        GraphValue labels = classifier.Builder.Input(LabelsName, ElementType.Float32, classifier.Logits.Shape);
        return (classifier, LossGraphs.BinaryCrossEntropy(classifier.Builder, classifier.Logits, labels, options.Loss));
    }

    private static List<RowGradientOutput> OutputRows(GraphBuilder graph, IReadOnlyList<RowGradient> gradients)
    {
        var outputs = new List<RowGradientOutput>();
        var rowNames = new Dictionary<GraphValue, string>();
        foreach (RowGradient gradient in gradients)
        {
            string table = gradient.Table.Name;
            if (!rowNames.TryGetValue(gradient.Rows, out string? rows))
            {
                rows = graph.Output(gradient.Rows, $"{table}.gradient_rows").Name;
                rowNames.Add(gradient.Rows, rows);
            }

            bool isInput = gradient.Indices.Kind == GraphValueKind.Input;
            string indices = isInput ? gradient.Indices.Name : graph.Output(gradient.Indices, $"{table}.gradient_indices").Name;
            outputs.Add(new RowGradientOutput(table, indices, isInput, rows, gradient.Rows.Shape));
        }

        return outputs;
    }
}
