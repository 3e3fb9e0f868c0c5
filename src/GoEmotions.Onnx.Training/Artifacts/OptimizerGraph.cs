using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>The optimizer model of ONNX Runtime's on-device training: one AdamW node over sequences that the runtime fills.</summary>
internal static class OptimizerGraph
{
    private const string LearningRate = "learning_rate";
    private const string Step = "step";
    private const string Params = "params";
    private const string Gradients = "gradients";
    private const string FirstMoments = "first_order_moments";
    private const string SecondMoments = "second_order_moments";

    /// <summary>Builds the model.</summary>
    public static ModelProto Build(TrainingArtifactsOptions options)
    {
        // Names and order of the inputs are checked literally (ONNX Runtime 1.19.2).
        var graph = new GraphProto { Name = "optimizer" };
        graph.Input.Add(Tensor(LearningRate, ElementType.Float32));
        graph.Input.Add(Tensor(Step, ElementType.Int64));
        graph.Input.AddRange(new[] { Params, Gradients, FirstMoments, SecondMoments }.Select(Sequence));
        string learningRate = LearningRate;
        if (options.LearningRateScale is double scale)
        {
            learningRate = "scaled_learning_rate";
            graph.Initializer.Add(new TensorProto { Name = "learning_rate_scale", DataType = (int)ElementType.Float32, Dims = { 1 }, FloatData = { (float)scale } });
            graph.Node.Add(Node("", "Mul", [LearningRate, "learning_rate_scale"], [learningRate]));
        }

        string gradients = Gradients;
        if (options.ClipNorm is double limit)
        {
            gradients = "clipped_gradients";
            graph.Node.Add(Node(GraphBuilder.MicrosoftDomain, "InplaceClipGradNorm", [Gradients], [gradients], ("max_norm", (float)limit), ("norm_type", "fro")));
        }

        // All six: the defaults of ONNX Runtime's schema and kernel differ.
        AdamWOptions adam = options.Optimizer;
        graph.Node.Add(Node(
            GraphBuilder.MicrosoftDomain,
            "AdamWOptimizer",
            [learningRate, Step, Params, gradients, FirstMoments, SecondMoments],
            ["updated_flag"],
            ("alpha", (float)adam.Beta1),
            ("beta", (float)adam.Beta2),
            ("epsilon", (float)adam.Epsilon),
            ("weight_decay", (float)adam.WeightDecay),
            ("correct_bias", 1L),
            ("adam_mode", adam.Mode == AdamWMode.PyTorch ? 0L : 1L)));
        graph.Output.Add(Tensor("updated_flag", ElementType.Bool));
        return new ModelProto
        {
            IrVersion = 8,
            ProducerName = "GoEmotions.Onnx",
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Version = 14 }, new OperatorSetIdProto { Domain = GraphBuilder.MicrosoftDomain, Version = 1 } },
        };
    }

    /// <summary>A node of either operator set, with attributes.</summary>
    internal static NodeProto Node(string domain, string operatorType, string[] inputs, string[] outputs, params (string Name, AttributeValue Value)[] attributes) => new()
    {
        Name = outputs[0] + "/" + operatorType,
        Domain = domain,
        OpType = operatorType,
        Input = { inputs },
        Output = { outputs },
        Attribute = { attributes.Select(attribute => attribute.Value.ToProto(attribute.Name)) },
    };

    private static ValueInfoProto Tensor(string name, ElementType type) => new() { Name = name, Type = new TensorType(type, SymbolicShape.Constant(1)).ToProto() };

    private static ValueInfoProto Sequence(string name) => new()
    {
        Name = name,
        Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float32 } } } },
    };
}
