using GoEmotions.Onnx.Graphs.Protobuf;
using Google.Protobuf;

namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class GraphCheckerTests
{
    public static TheoryData<string, string> Faults { get; } = new()
    {
        { "no graph", "the model has no graph." },
        { "no ir_version", "ir_version is 0, expected 1 or more." },
        { "no opset", "operator set 'ai.onnx' is used but not imported. Add it to opset_import." },
        { "opset twice", "operator set 'ai.onnx' is imported twice, expected one version of each." },
        { "opset 0", "operator set '' has version 0, expected 1 or more." },
        { "two inputs", "graph 'g' has two inputs 'x', expected distinct names." },
        { "two initializers", "graph 'g' has two initializers 'w', expected distinct names." },
        { "two outputs", "graph 'g' has two outputs 'y', expected distinct names." },
        { "undefined output", "output 'z' of graph 'g' is not defined by an input, initializer or node." },
        { "undefined input", "node 'mul' (Mul) takes 'nothing', which is no input, initializer or output of another node." },
        { "order", "node 'relu' (Relu) takes 'h' before it is defined. Sort the nodes with GraphOrder." },
        { "cycle", "graph 'g' has a cycle: node 'mul' (Mul) -> node 'relu' (Relu) -> node 'mul' (Mul)." },
        { "defined twice", "node 'relu' (Relu) defines 'h' a second time, expected each value to be defined once." },
        { "node names", "node 'mul' (Relu) bears the name of an earlier node, expected distinct names." },
        { "initializer size", "initializer 'w' has 12 bytes, expected 8 for float[2]." },
        { "initializer elements", "initializer 'w' has 3 elements, expected 2 for float[2]." },
        { "initializer type", "initializer 'w' has element type 99, expected one of the standard's." },
        { "initializer dims", "initializer 'w' has dims [-2], expected 0 or more each." },
        { "initializer overflow", "initializer 'w' has dims [4611686018427387904, 4], expected a product below 2^63." },
        { "shape", "node 'mul' (Mul, opset 21): shapes [batch, 2] and [3] do not broadcast: found 2 and 3 on one axis, expected equal dimensions or 1." },
        { "declared shape", "value 'y' is declared as float[batch, 5], but inference finds float[batch, 2]." },
        { "declared type", "value 'y' is declared as int64[batch, 2], but inference finds float[batch, 2]." },
        { "attribute", "node 'relu' (Relu, opset 21): has an attribute 'slope', expected none." },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void GraphChecker_Fault_IsFound(string fault, string message)
    {
        ModelProto model = Model();
        Break(model, fault);
        IReadOnlyList<GraphFinding> findings = GraphChecker.Check(model);
        Assert.Contains(findings, finding => finding.Severity == GraphFindingSeverity.Error && finding.Message == message);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => GraphChecker.ThrowIfInvalid(model, "model.onnx"));
        Assert.StartsWith("model.onnx: ", error.Message);
    }

    [Fact]
    public void GraphChecker_SoundModel_HasNoFindings()
    {
        ModelProto model = Model();
        Assert.Empty(GraphChecker.Check(model));
        GraphChecker.ThrowIfInvalid(model, "model.onnx");
    }

    [Fact]
    public void GraphChecker_DifferentSymbols_AreNoError()
    {
        ModelProto model = Model();
        model.Graph.Input.Add(new ValueInfoProto { Name = "other", Type = new TensorType(ElementType.Float32, ["texts", 2]).ToProto() });
        model.Graph.Node[0].Input[1] = "other";
        Assert.Empty(GraphChecker.Check(model));
    }

    [Fact]
    public void GraphChecker_SubByteInitializers_HaveRoundedSizes()
    {
        ModelProto model = Model();
        model.Graph.Initializer.Add(new TensorProto { Name = "four bits", DataType = (int)ElementType.Int4, Dims = { 3 }, RawData = ByteString.CopyFrom(1, 2) });
        Assert.Empty(GraphChecker.Check(model));
    }

    [Fact]
    public void GraphChecker_OldOpset_IsNotCheckedForTypes()
    {
        ModelProto model = Model();
        model.OpsetImport[0].Version = 6;
        GraphFinding finding = Assert.Single(GraphChecker.Check(model));
        Assert.Equal(GraphFindingSeverity.Unchecked, finding.Severity);
    }

    [Fact]
    public void GraphChecker_InnerGraph_SeesOuterValuesAndItsOwnFaults()
    {
        ModelProto model = Model();
        GraphProto inner = GraphOrderTests.Graph(("inner", ["h"], ["result"]));
        inner.Input.Clear();
        inner.Node[0].OpType = "Relu";
        inner.Output.Add(new ValueInfoProto { Name = "result" });
        model.Graph.Node.Add(new NodeProto { Name = "if", OpType = "If", Input = { "c" }, Output = { "branch" }, Attribute = { new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = inner } } });
        model.Graph.Input.Add(new ValueInfoProto { Name = "c", Type = new TensorType(ElementType.Bool, SymbolicShape.Scalar).ToProto() });
        Assert.DoesNotContain(GraphChecker.Check(model), finding => finding.Severity == GraphFindingSeverity.Error);

        inner.Node[0].Input[0] = "missing";
        Assert.Contains(GraphChecker.Check(model), finding => finding.Message == "node 'inner' (Relu) takes 'missing', which is no input, initializer or output of another node.");
    }

    internal static ModelProto Model()
    {
        var builder = new GraphBuilder("g");
        GraphValue x = builder.Input("x", ElementType.Float32, ["batch", 2]);
        GraphValue w = builder.Initializer<float>("w", [1, 2], 2);
        builder.Output(builder.Node("Relu", [builder.Output(builder.Node("Mul", [x, w]), "h")]), "y");
        ModelProto model = builder.ToModel();
        model.Graph.Node[0].Name = "mul";
        model.Graph.Node[1].Name = "relu";
        return model;
    }

    private static void Break(ModelProto model, string fault)
    {
        GraphProto graph = model.Graph;
        TensorProto w = graph.Initializer[0];
        switch (fault)
        {
            case "no graph": model.Graph = null; break;
            case "no ir_version": model.ClearIrVersion(); break;
            case "no opset": model.OpsetImport.Clear(); break;
            case "opset twice": model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 21 }); break;
            case "opset 0": model.OpsetImport[0].Version = 0; break;
            case "two inputs": graph.Input.Add(graph.Input[0].Clone()); break;
            case "two initializers": graph.Initializer.Add(w.Clone()); break;
            case "two outputs": graph.Output.Add(graph.Output[1].Clone()); break;
            case "undefined output": graph.Output.Add(new ValueInfoProto { Name = "z" }); break;
            case "undefined input": graph.Node[0].Input[1] = "nothing"; break;
            case "order": (graph.Node[0], graph.Node[1]) = (graph.Node[1].Clone(), graph.Node[0].Clone()); break;
            case "cycle": graph.Node[0].Input[1] = "y"; break;
            case "defined twice": graph.Node[1].Output[0] = "h"; break;
            case "node names": graph.Node[1].Name = "mul"; break;
            case "initializer size": w.RawData = ByteString.CopyFrom(new byte[12]); break;
            case "initializer elements":
                w.ClearRawData();
                w.FloatData.Add([1, 2, 3]);
                break;
            case "initializer type": w.DataType = 99; break;
            case "initializer dims": w.Dims[0] = -2; break;
            case "initializer overflow":
                w.Dims.Clear();
                w.Dims.Add([1L << 62, 4]);
                break;
            case "shape":
                w.Dims[0] = 3;
                w.RawData = ByteString.CopyFrom(new byte[12]);
                break;
            case "declared shape": graph.Output[1].Type.TensorType.Shape.Dim[1].DimValue = 5; break;
            case "declared type": graph.Output[1].Type.TensorType.ElemType = (int)ElementType.Int64; break;
            case "attribute": graph.Node[1].Attribute.Add(new AttributeProto { Name = "slope", Type = AttributeProto.Types.AttributeType.Float, F = 1 }); break;
            default: throw new ArgumentException(fault);
        }
    }
}
