using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>
/// The models with which the training builds of ONNX Runtime (1.16 to 1.19: C#, C++, Java, Swift, JavaScript) train a classifier:
/// the gradient graph of our own trainer in the form that their <c>TrainingSession</c> expects. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Inputs that a program gives, in this order: <c>input_ids</c>, <c>attention_mask</c> and, where the architecture has them,
/// <c>token_type_ids</c>, int64 <c>[batch, sequence]</c>, then <c>labels</c>, float <c>[batch, labels]</c>. Outputs: <c>loss</c>, a
/// scalar, then <c>logits</c>, float <c>[batch, labels]</c>. Gradients of several batches before an optimizer step are added up.
/// </remarks>
public sealed class TrainingArtifacts
{
    /// <summary>The name of the training model's file.</summary>
    public const string TrainingModelFileName = "training_model.onnx";

    /// <summary>The name of the evaluation model's file.</summary>
    public const string EvaluationModelFileName = "eval_model.onnx";

    /// <summary>The name of the optimizer model's file.</summary>
    public const string OptimizerModelFileName = "optimizer_model.onnx";

    private const string ResetGradient = "lazy_reset_grad";

    private readonly TrainingArtifactsOptions _options;

    private TrainingArtifacts(TrainingArtifactsOptions options, IReadOnlyList<ParameterSpec> parameters, ModelProto trainingModel, ModelProto evaluationModel, ModelProto optimizerModel)
    {
        _options = options;
        Parameters = parameters;
        TrainingModel = trainingModel;
        EvaluationModel = evaluationModel;
        OptimizerModel = optimizerModel;
    }

    /// <summary>All parameters, trained or frozen, in the order of the models' inputs.</summary>
    public IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Forward pass, loss, gradients, and their accumulation.</summary>
    public ModelProto TrainingModel { get; }

    /// <summary>Forward pass and loss, without dropout.</summary>
    public ModelProto EvaluationModel { get; }

    /// <summary>Clipping and AdamW.</summary>
    public ModelProto OptimizerModel { get; }

    /// <summary>Builds the models of a classifier.</summary>
    /// <param name="config">The configuration; it names the labels.</param>
    /// <param name="options">What they are made for; <see langword="null"/> for the defaults.</param>
    /// <returns>The models.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="config"/> is null.</exception>
    /// <exception cref="ArgumentException">The configuration or an option is out of range, or no parameter is trained.</exception>
    public static TrainingArtifacts Create(EncoderConfig config, TrainingArtifactsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        options ??= new TrainingArtifactsOptions();
        options.Validate();
        if (options.Dropout is double dropout)
        {
            config = config with { HiddenDropout = dropout, AttentionDropout = dropout, ClassifierDropout = dropout };
        }

        var graphOptions = new TrainingGraphOptions
        {
            Loss = options.Loss,
            Trains = options.Trains,
            DropoutMasksAsInputs = false,
            EmbeddingGradientsAsRows = false,
            StandardOperatorsOnly = true,
            Opset = options.Opset,
        };
        TrainingGraph graph = TrainingGraph.Create(config, graphOptions);
        ModelProto evaluation = TrainingGraph.CreateEvaluation(config, graphOptions);
        OrderInputsAndOutputs(evaluation.Graph, graph.Parameters);
        return new TrainingArtifacts(options, graph.Parameters, Accumulate(graph), evaluation, OptimizerGraph.Build(options));
    }

    /// <summary>Writes the three models and a checkpoint into a folder that exists.</summary>
    /// <param name="checkpoint">The checkpoint, with the parameters of these models, trained and frozen as they are here. It gets the version of the options.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ArgumentNullException"><paramref name="checkpoint"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="InvalidDataException">A parameter is missing, foreign, of another shape, or trained here and frozen there, or the checkpoint would be above 2 GB.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Save(OrtCheckpoint checkpoint, string folder)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        checkpoint.ToParameterSet(Parameters);
        if (Parameters.FirstOrDefault(spec => checkpoint.Trained.TryGet(spec.Name, out _) != Trains(spec)) is { } wrong)
        {
            Throw.InvalidData($"the checkpoint's parameter '{wrong.Name}' is {(Trains(wrong) ? "frozen, but the training model trains it" : "trained, but the training model does not train it")}. Freeze the same ones in both.");
        }

        ModelFile.Save(TrainingModel, Path.Combine(folder, TrainingModelFileName));
        ModelFile.Save(EvaluationModel, Path.Combine(folder, EvaluationModelFileName));
        ModelFile.Save(OptimizerModel, Path.Combine(folder, OptimizerModelFileName));
        OrtCheckpointFile.Save(checkpoint with { Version = _options.CheckpointVersion }, Path.Combine(folder, OrtCheckpoint.FileName));
    }

    /// <summary>The checkpoint to start from with given parameters.</summary>
    /// <param name="parameters">The parameters, which are not copied.</param>
    /// <returns>The checkpoint, without a step taken.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape.</exception>
    public OrtCheckpoint CreateCheckpoint(ParameterSet parameters) => OrtCheckpoint.Create(Parameters, parameters, _options.Trains);

    private bool Trains(ParameterSpec spec) => _options.Trains?.Invoke(spec) ?? true;

    // ONNX Runtime tells inputs apart by these suffixes, and hides outputs that bear them.
    private static ModelProto Accumulate(TrainingGraph training)
    {
        ModelProto model = training.Model.Clone();
        GraphProto graph = model.Graph;
        OrderInputsAndOutputs(graph, training.Parameters);
        var gradientOutputs = training.Gradients.Values.ToHashSet(StringComparer.Ordinal);
        foreach (ValueInfoProto output in graph.Output.Where(output => gradientOutputs.Contains(output.Name)).ToArray())
        {
            graph.Output.Remove(output);
        }

        foreach (ParameterSpec spec in training.Parameters)
        {
            if (training.Gradients.TryGetValue(spec.Name, out string? gradient))
            {
                string buffer = spec.Name + "_grad.accumulation.buffer";
                string accumulated = spec.Name + "_grad.accumulation.out";
                graph.Input.Add(Value(buffer, ElementType.Float32, [.. spec.Shape]));
                graph.Node.Add(OptimizerGraph.Node(GraphBuilder.MicrosoftDomain, "InPlaceAccumulatorV2", [buffer, gradient, ResetGradient], [accumulated]));
                graph.Output.Add(Value(accumulated, ElementType.Bool, 1));
            }
        }

        graph.Input.Add(Value(ResetGradient, ElementType.Bool, 1));
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = GraphBuilder.MicrosoftDomain, Version = 1 });
        return model;
    }

    // What the program gives, then the parameters; the loss, then the logits, then the rest.
    private static void OrderInputsAndOutputs(GraphProto graph, IReadOnlyList<ParameterSpec> parameters)
    {
        var names = parameters.Select(spec => spec.Name).ToHashSet(StringComparer.Ordinal);
        ValueInfoProto[] inputs = [.. graph.Input.OrderBy(input => names.Contains(input.Name))];
        graph.Input.Clear();
        graph.Input.AddRange(inputs);
        ValueInfoProto[] outputs = [.. graph.Output.OrderBy(output => output.Name switch { TrainingGraph.LossName => 0, ClassifierGraph.LogitsName => 1, _ => 2 })];
        graph.Output.Clear();
        graph.Output.AddRange(outputs);
    }

    private static ValueInfoProto Value(string name, ElementType type, params ReadOnlySpan<long> shape) => new() { Name = name, Type = new TensorType(type, SymbolicShape.Constant(shape)).ToProto() };
}
