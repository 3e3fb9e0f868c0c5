using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>
/// A classifier's forward pass, loss and gradients in one graph: from token ids, labels and parameters to the loss, the logits
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
        ParameterSpec[] trained = [.. classifier.Parameters.Where(spec => options.Trains?.Invoke(spec) ?? true)];
        if (trained.Length == 0)
        {
            Throw.Argument("no parameter is trained, expected at least one. Freeze fewer.", nameof(options));
        }

        GraphBuilder graph = classifier.Builder;
        GraphValue[] tables = options.EmbeddingGradientsAsRows
            ? [.. trained.Where(spec => spec is { Role: ParameterRole.Embeddings, Shape.Count: 2 }).Select(spec => classifier.Parameter(spec.Name))]
            : [];
        GradientSet gradients = BackwardGraphBuilder.Build(graph, loss, [.. trained.Select(spec => classifier.Parameter(spec.Name))], tables, options.StandardOperatorsOnly);
        graph.Output(loss, LossName);
        var dense = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((GraphValue parameter, GraphValue gradient) in gradients.Dense)
        {
            dense.Add(parameter.Name, graph.Output(gradient, $"{parameter.Name}.gradient").Name);
        }

        List<RowGradientOutput> rows = OutputRows(graph, gradients.Rows);
        return new TrainingGraph(graph.ToModel(), classifier.Parameters, dense, rows, classifier.DropoutMasks);
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
