using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class GraphBuilderTests
{
    public static TheoryData<string, string> Mistakes { get; } = new()
    {
        { "Add", "node 'layer/Add' (Add, opset 21): shapes [batch, 4] and [batch, 3] do not broadcast: found 4 and 3 on one axis, expected equal dimensions or 1." },
        { "Add symbols", "node 'layer/Add' (Add, opset 21): shapes [batch, 4] and [sequence, 4] do not broadcast: found batch and sequence on one axis, expected equal dimensions or 1." },
        { "Add types", "node 'layer/Add' (Add, opset 21): input 1 ('ids') has element type int64, expected float as input 0 ('x')." },
        { "MatMul", "node 'layer/MatMul' (MatMul, opset 21): the inner dimensions of [batch, 4] and [batch, 3] differ: found 4 and batch, expected equal ones." },
        { "Gemm rank", "node 'layer/Gemm' (Gemm, opset 21): input 0 ('t') has shape [batch, sequence, 4] of rank 3, expected rank 2." },
        { "Gemm bias", "node 'layer/Gemm' (Gemm, opset 21): input 2 of shape [4] and the product of shape [4, 3], along one axis, differ: found 4 and 3, expected equal ones." },
        { "Softmax type", "node 'layer/Softmax' (Softmax, opset 21): input 0 ('ids') has element type int64, expected a float type." },
        { "Softmax axis", "node 'layer/Softmax' (Softmax, opset 21): attribute 'axis' is 2, expected from -2 to 1 (rank 2)." },
        { "Gather type", "node 'layer/Gather' (Gather, opset 21): input 1 ('x') has element type float, expected int32 or int64." },
        { "Transpose", "node 'layer/Transpose' (Transpose, opset 21): attribute 'perm' is [0, 1, 2], expected a permutation of the 2 axes of [batch, 4]." },
        { "Reshape", "node 'layer/Reshape' (Reshape, opset 21): [2, 6] has 12 elements, expected a multiple of 5 for the target shape [5, -1]." },
        { "Reshape symbols", "node 'layer/Reshape' (Reshape, opset 21): [batch, 4] has 4*batch elements, expected 8 for the target shape [8]." },
        { "Unknown attribute", "node 'layer/Relu' (Relu, opset 21): has an attribute 'alpha', expected none." },
        { "Attribute type", "node 'layer/Softmax' (Softmax, opset 21): attribute 'axis' has type FLOAT, expected INT." },
        { "Too few inputs", "node 'layer/Add' (Add, opset 21): has 1 inputs, expected 2." },
        { "Left out input", "node 'layer/Add' (Add, opset 21): input 0 is left out, but the operator needs it." },
        { "Too many outputs", "node 'layer/Add' (Add, opset 21): has 2 outputs, expected at most 1." },
        { "No rule", "node 'layer/Conv' (Conv, opset 21): there is no shape rule for this operator. Add a row to the table in Shapes/." },
        { "Newer operator", "node 'layer/Attention' (Attention, opset 21): the operator exists from opset 23 on. Build for opset 23 or later." },
        { "Old attribute", "node 'layer/ReduceMean' (ReduceMean, opset 21): has an attribute 'axes', expected keepdims, noop_with_empty_axes." },
        { "Concat", "node 'layer/Concat' (Concat, opset 21): on axis 1, inputs 0 and 1 of shapes [batch, 4] and [batch, 3] differ: found 4 and 3, expected equal ones." },
        { "Split", "node 'layer/Split' (Split, opset 21): the sizes are [1, 2], expected 2 of them, of sum 4." },
        { "Squeeze", "node 'layer/Squeeze' (Squeeze, opset 21): axis 1 of [batch, 4] is 4, expected 1 to squeeze it." },
        { "Layer normalization", "node 'layer/LayerNormalization' (LayerNormalization, opset 21): shapes [batch, 4] and [3] do not broadcast: found 4 and 3 on one axis, expected equal dimensions or 1." },
        { "Layer normalization scale", "node 'layer/LayerNormalization' (LayerNormalization, opset 21): input 1 has shape [4], expected [1] to scale or shift [batch, 1]." },
        { "Scatter", "node 'layer/ScatterND' (ScatterND, opset 21): on axis 1, updates of shape [3, 5] and the shape [3, 6] that the indices ask for differ: found 5 and 6, expected equal ones." },
        { "Foreign value", "'layer/Relu' takes 'x', which belongs to another GraphBuilder, expected a value of graph 'g'." },
        { "Taken name", "graph 'g' has a value or node 'x' already, expected distinct names." },
        { "No such value", "graph 'g' has no value 'nothing'." },
        { "No source of a symbol", "graph 'g': no value has an axis of size 'heads', expected one to read it from. Declare it on a graph input." },
        { "Output twice", "value 'layer/Relu' is an output of graph 'g' already. Give the second one another name." },
        { "Negative size", "node 'layer/Tile' (Tile, opset 21): output 0 would have shape [-2, 6], expected sizes of 0 or more." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void GraphBuilder_Mistake_IsRefusedWhereItIsMade(string mistake, string message)
    {
        GraphException error = Assert.Throws<GraphException>(() => Make(mistake));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void GraphBuilder_FailedNode_LeavesTheGraphAsItWas()
    {
        var builder = new GraphBuilder("g");
        GraphValue x = builder.Input("x", ElementType.Float32, ["batch", 4]);
        Assert.Throws<GraphException>(() => builder.Node("Softmax", [x], ("axis", 9L)));
        Assert.Empty(builder.Nodes);
        builder.Output(builder.Node("Softmax", [x]), "y");
        Assert.Empty(GraphChecker.Check(builder.ToModel()));
    }

    [Fact]
    public void GraphBuilder_EqualConstants_AreOneInitializer()
    {
        var builder = new GraphBuilder("g");
        Assert.Same(builder.Scalar(0.5f), builder.Scalar(0.5f));
        Assert.Same(builder.Integers(1, 2), builder.Constant<long>([1, 2], 2));
        Assert.NotSame(builder.Integers(1, 2), builder.Constant<long>([1, 2], 1, 2));
        Assert.NotSame(builder.Scalar(0f), builder.Scalar(-0f));
        Assert.NotSame(builder.Scalar(0), builder.Scalar(0f));
        Assert.Equal("constants/int64_[1_2]", builder.Integers(1, 2).Name);
        Assert.Throws<ArgumentException>(() => builder.Constant<float>([1, 2], 3));
        Assert.Throws<ArgumentException>(() => builder.Scalar('c'));
    }

    [Fact]
    public void GraphBuilder_Scopes_MakeReadableUniqueNames()
    {
        var builder = new GraphBuilder("g");
        GraphValue x = builder.Input("x", ElementType.Float32, ["batch"]);
        using (builder.Scope("encoder.layer.0"))
        using (builder.Scope("attention"))
        {
            Assert.Equal("encoder.layer.0/attention", builder.CurrentScope);
            Assert.Equal("encoder.layer.0/attention/Relu", builder.Node("Relu", [x]).Name);
            Assert.Equal("encoder.layer.0/attention/Relu_2", builder.Node("Relu", [x]).Name);
            GraphValue[] dropout = builder.Node("", "Dropout", [x], 2);
            Assert.Equal("encoder.layer.0/attention/Dropout:1", dropout[1].Name);
            Assert.Equal("bool[batch]", dropout[1].Type.ToString());
        }

        Assert.Equal("", builder.CurrentScope);
        Assert.Equal("Relu", builder.Node("Relu", [x]).Name);
    }

    [Fact]
    public void GraphBuilder_Output_RenamesThroughoutOrPassesOn()
    {
        var builder = new GraphBuilder("g");
        GraphValue x = builder.Input("x", ElementType.Float32, ["batch"]);
        GraphValue hidden = builder.Node("Relu", [x]);
        GraphValue y = builder.Node("Neg", [hidden]);
        builder.Output(hidden, "hidden");
        builder.Output(y, "y");
        builder.Output(x, "copy");
        builder.Output(y, "y again");
        ModelProto model = builder.ToModel();
        Assert.Empty(GraphChecker.Check(model));
        Assert.Equal(["hidden", "y", "copy", "y again"], model.Graph.Output.Select(output => output.Name));
        Assert.Equal("hidden", model.Graph.Node.Single(node => node.OpType == "Neg").Input[0]);
        Assert.Equal(2, model.Graph.Node.Count(node => node.OpType == "Identity"));
        OrtResult[] results = OnnxRun.Run(model, new Dictionary<string, Microsoft.ML.OnnxRuntime.OrtValue> { ["x"] = OnnxRun.Tensor([1f, -2f], 2) });
        Assert.Equal([1, 0], results[0].Floats);
        Assert.Equal([1, -2], results[2].Floats);
    }

    [Fact]
    public void GraphBuilder_OptionalOutput_IsAddedOnce()
    {
        var builder = new GraphBuilder("g");
        GraphValue x = builder.Input("x", ElementType.Float32, ["batch", 4]);
        GraphValue y = builder.Node("LayerNormalization", [x, builder.Constant<float>([1, 1, 1, 1], 4)]);
        GraphValue inverse = builder.OptionalOutput(y, 2);
        Assert.Equal("float[batch, 1]", inverse.Type.ToString());
        Assert.Same(inverse, builder.OptionalOutput(y, 2));
        Assert.Same(y, builder.OptionalOutput(inverse, 0));
        Assert.Equal(["LayerNormalization", "", "LayerNormalization:2"], builder.Producer(y).Output);
        builder.Output(inverse, "inverse");
        ModelProto model = builder.ToModel();
        Assert.Empty(GraphChecker.Check(model));
        OrtResult result = Assert.Single(OnnxRun.Run(model, new Dictionary<string, Microsoft.ML.OnnxRuntime.OrtValue> { ["x"] = OnnxRun.Tensor([1f, 2, 3, 4], 1, 4) }));
        Assert.Equal(0.8944f, result.Floats[0], 1e-3);
        Assert.Throws<GraphException>(() => builder.OptionalOutput(y, 3));
        Assert.Throws<GraphException>(() => builder.OptionalOutput(x, 1));
    }

    [Fact]
    public void GraphBuilder_ShapeVector_ReadsSymbolsOffInputsAndIsShared()
    {
        var builder = new GraphBuilder("g");
        GraphValue x = builder.Input("x", ElementType.Float32, ["batch", "sequence", 6]);
        GraphValue shape = builder.ShapeVector([2, "sequence", "batch", 3]);
        Assert.Same(shape, builder.ShapeVector([2, "sequence", "batch", 3]));
        builder.Output(builder.Node("Reshape", [x, shape]), "y");
        builder.Output(builder.Node("ConstantOfShape", [builder.ShapeVector([(Dimension)"batch" * 2 * "sequence"])]), "zeros");
        Assert.Equal("float[2, sequence, batch, 3]", builder.Value("y").Type.ToString());
        Assert.Equal("float[2*batch*sequence]", builder.Value("zeros").Type.ToString());
        ModelProto model = builder.ToModel();
        OrtResult[] results = OnnxRun.Run(model, new Dictionary<string, Microsoft.ML.OnnxRuntime.OrtValue> { ["x"] = OnnxRun.Tensor(new float[60], 2, 5, 6) });
        Assert.Equal([2, 5, 2, 3], results[0].Shape);
        Assert.Equal([20], results[1].Shape);
    }

    [Fact]
    public void GraphBuilder_Open_GoesOnFromAFinishedModel()
    {
        var first = new GraphBuilder("g");
        GraphValue x = first.Input("x", ElementType.Float32, ["batch", 4]);
        first.Output(first.Node("Softmax", [x]), "y");
        ModelProto model = first.ToModel();

        GraphBuilder second = GraphBuilder.Open(model);
        GraphValue y = second.Value("y");
        Assert.Equal("Softmax", second.Producer(y).OpType);
        second.Output(second.Node(GraphBuilder.MicrosoftDomain, "FusedMatMul", [y, y], 1, ("transB", 1L))[0], "z");
        ModelProto extended = second.ToModel();
        Assert.Empty(GraphChecker.Check(extended));
        Assert.Equal(["", "com.microsoft"], extended.OpsetImport.Select(import => import.Domain));
        Assert.Equal(["y"], model.Graph.Output.Select(output => output.Name));

        model.OpsetImport[0].Version = 12;
        Assert.Equal("the model has opset 12, expected 17 to 24. Convert it to another operator set version.", Assert.Throws<GraphException>(() => GraphBuilder.Open(model)).Message);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(25)]
    public void GraphBuilder_OpsetOutOfRange_IsRefused(int opset) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new GraphBuilder("g", opset));

    [Fact]
    public void GraphBuilder_NoOutput_IsRefused() =>
        Assert.Equal("graph 'g' has no output, expected at least one. Call Output first.", Assert.Throws<GraphException>(() => new GraphBuilder("g").ToModel()).Message);

    private static void Make(string mistake)
    {
        var b = new GraphBuilder("g");
        GraphValue x = b.Input("x", ElementType.Float32, ["batch", 4]);
        GraphValue y = b.Input("y", ElementType.Float32, ["batch", 3]);
        GraphValue z = b.Input("z", ElementType.Float32, ["sequence", 4]);
        GraphValue t = b.Input("t", ElementType.Float32, ["batch", "sequence", 4]);
        GraphValue ids = b.Input("ids", ElementType.Int64, ["batch", 4]);
        GraphValue constant = b.Input("constant", ElementType.Float32, [2, 6]);
        using NameScope scope = b.Scope("layer");
        switch (mistake)
        {
            case "Add": b.Node("Add", [x, y]); break;
            case "Add symbols": b.Node("Add", [x, z]); break;
            case "Add types": b.Node("Add", [x, ids]); break;
            case "MatMul": b.Node("MatMul", [x, y]); break;
            case "Gemm rank": b.Node("Gemm", [t, x]); break;
            case "Gemm bias": b.Node("Gemm", [x, y, b.Input("bias", ElementType.Float32, [4])], ("transA", 1L)); break;
            case "Softmax type": b.Node("Softmax", [ids]); break;
            case "Softmax axis": b.Node("Softmax", [x], ("axis", 2L)); break;
            case "Gather type": b.Node("Gather", [x, x]); break;
            case "Transpose": b.Node("Transpose", [x], ("perm", new long[] { 0, 1, 2 })); break;
            case "Reshape": b.Node("Reshape", [constant, b.Integers(5, -1)]); break;
            case "Reshape symbols": b.Node("Reshape", [x, b.Integers(8)]); break;
            case "Unknown attribute": b.Node("Relu", [x], ("alpha", 1f)); break;
            case "Attribute type": b.Node("Softmax", [x], ("axis", 1f)); break;
            case "Too few inputs": b.Node("Add", [x]); break;
            case "Left out input": b.Node("Add", [null, x]); break;
            case "Too many outputs": b.Node("", "Add", [x, x], 2); break;
            case "No rule": b.Node("Conv", [x, x]); break;
            case "Newer operator": b.Node("Attention", [t, t, t]); break;
            case "Old attribute": b.Node("ReduceMean", [x], ("axes", new long[] { 0 })); break;
            case "Concat": b.Node("Concat", [x, y], ("axis", 0L)); break;
            case "Split": b.Node("", "Split", [x, b.Integers(1, 2)], 2, ("axis", 1L)); break;
            case "Squeeze": b.Node("Squeeze", [x, b.Integers(1)]); break;
            case "Layer normalization": b.Node("LayerNormalization", [x, b.Constant<float>([1, 1, 1], 3)]); break;
            case "Layer normalization scale": b.Node("LayerNormalization", [b.Input("column", ElementType.Float32, ["batch", 1]), b.Constant<float>([1, 1, 1, 1], 4)]); break;
            case "Scatter": b.Node("ScatterND", [constant, b.Constant<long>([0, 1, 0], 3, 1), b.Constant<float>(new float[15], 3, 5)]); break;
            case "Foreign value": b.Node("Relu", [new GraphBuilder("other").Input("x", ElementType.Float32, [1])]); break;
            case "Taken name": b.Input("x", ElementType.Float32, [1]); break;
            case "No such value": b.Value("nothing"); break;
            case "No source of a symbol": b.ShapeVector(["heads"]); break;
            case "Output twice":
                GraphValue relu = b.Node("Relu", [x]);
                b.Output(relu);
                b.Output(relu);
                break;
            case "Negative size": b.Node("Tile", [constant, b.Integers(-1, 1)]); break;
            default: throw new ArgumentException(mistake);
        }
    }
}
