using GoEmotions.Onnx.Graphs.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class ShapeInferenceTests
{
    public static TheoryData<string> Cases { get; } = new(ShapeCases.All.Keys);

    [Theory]
    [MemberData(nameof(Cases))]
    public void ShapeInference_Operator_InfersWhatOnnxRuntimeComputes(string name)
    {
        (int opset, Func<GraphBuilder, GraphValue[]> build) = ShapeCases.All[name];
        var builder = new GraphBuilder("case", opset);
        GraphValue[] values = build(builder);
        for (int i = 0; i < values.Length; i++)
        {
            builder.Output(values[i], $"y{i}");
        }

        ModelProto model = builder.ToModel();
        Assert.Empty(GraphChecker.Check(model));
        OrtResult[] results = OnnxRun.Run(model, Inputs(model), [.. values.Select(value => value.Name)]);
        IReadOnlyDictionary<string, TensorType> inferred = ShapeInference.Infer(model);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(results[i].ElementType, (TensorElementType)(int)values[i].ElementType);
            Assert.Equal(values[i].Type, inferred[values[i].Name]);
            Assert.Equal(results[i].Shape.Length, values[i].Rank);
            for (int axis = 0; axis < values[i].Rank; axis++)
            {
                if (!values[i].Shape[axis].IsUnknown)
                {
                    Assert.Equal(results[i].Shape[axis], Evaluate(values[i].Shape[axis].ToString()));
                }
            }
        }

        // Only what no shape can tell is unknown: how many elements are not zero.
        bool mayBeUnknown = name == "NonZero";
        Assert.Equal(mayBeUnknown, values.Any(value => value.Shape.Any(dimension => dimension.IsUnknown)));
    }

    [Fact]
    public void ShapeInference_ShapeOfUnknownLength_GivesUnknownRankNotAGuess()
    {
        var builder = new GraphBuilder("g");
        GraphValue x = builder.Input("x", ElementType.Float32, ["batch", 4]);
        GraphValue shape = builder.Input("shape", ElementType.Int64, ["n"]);
        GraphValue y = builder.Node("Reshape", [x, shape]);
        Assert.Null(y.Type.Shape);
        Assert.Equal("the rank of value 'Reshape' is not known, so it has no shape; ask Type.Shape where that may happen.", Assert.Throws<GraphException>(() => y.Shape).Message);
        GraphValue fixedLength = builder.Input("length3", ElementType.Int64, [3]);
        Assert.Equal("[?, ?, ?]", builder.Node("Reshape", [x, fixedLength]).Shape.ToString());
    }

    [Fact]
    public void ShapeInference_ForeignModel_UsesDeclarationsWhereItHasNoRule()
    {
        ModelProto model = new()
        {
            IrVersion = 10,
            OpsetImport = { new OperatorSetIdProto { Version = 21 }, new OperatorSetIdProto { Domain = "my", Version = 1 } },
            Graph = new GraphProto
            {
                Name = "g",
                Input = { new ValueInfoProto { Name = "x", Type = Float("batch", 4) } },
                Node =
                {
                    new NodeProto { OpType = "Odd", Domain = "my", Name = "odd", Input = { "x" }, Output = { "h" } },
                    new NodeProto { OpType = "Relu", Name = "relu", Input = { "h" }, Output = { "y" } },
                },
                ValueInfo = { new ValueInfoProto { Name = "h", Type = Float("batch", 7) } },
                Output = { new ValueInfoProto { Name = "y", Type = Float("batch", 7) } },
            },
        };
        Assert.Equal("float[batch, 7]", ShapeInference.Infer(model)["y"].ToString());
        GraphFinding finding = Assert.Single(GraphChecker.Check(model));
        Assert.Equal(GraphFindingSeverity.Unchecked, finding.Severity);
        Assert.Equal("node 'odd' (my.Odd, opset 1): there is no shape rule for this operator; its outputs have unknown shapes.", finding.Message);
        GraphChecker.ThrowIfInvalid(model, "model");
        Assert.Equal("float[batch, 7]", GraphBuilder.Open(model).Value("y").Type.ToString());
    }

    [Fact]
    public void ShapeInference_Supports_KnowsDomainAndOpset()
    {
        Assert.True(ShapeInference.Supports("", "Gelu", 20));
        Assert.True(ShapeInference.Supports("ai.onnx", "Gelu", 20));
        Assert.False(ShapeInference.Supports("", "Gelu", 19));
        Assert.True(ShapeInference.Supports(GraphBuilder.MicrosoftDomain, "Gelu", 1));
        Assert.False(ShapeInference.Supports("", "NoSuchOperator", 21));
    }

    private static TypeProto Float(string symbol, long size) => new()
    {
        TensorType = new TypeProto.Types.Tensor
        {
            ElemType = 1,
            Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = symbol }, new TensorShapeProto.Types.Dimension { DimValue = size } } },
        },
    };

    private static Dictionary<string, OrtValue> Inputs(ModelProto model) => model.Graph.Input.ToDictionary(input => input.Name, input =>
    {
        long[] shape = [.. input.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimValue ? dim.DimValue : Evaluate(dim.DimParam))];
        long count = shape.Aggregate(1L, (product, size) => product * size);
        return (ElementType)input.Type.TensorType.ElemType switch
        {
            ElementType.Int64 => OnnxRun.Tensor(new long[count], shape),
            ElementType.Bool => OnnxRun.Tensor(new bool[count], shape),
            _ => OnnxRun.Tensor([.. Enumerable.Range(0, (int)count).Select(i => 0.1f + (0.8f * i / count))], shape),
        };
    });

    // A number, a symbol, a product, or a sum in parentheses.
    private static long Evaluate(string dimension) =>
        dimension.StartsWith('(') ? dimension[1..^1].Split(" + ").Sum(Evaluate)
        : dimension.Split('*').Aggregate(1L, (product, factor) => product * (ShapeCases.Sizes.TryGetValue(factor, out long size) ? size : long.Parse(factor, System.Globalization.CultureInfo.InvariantCulture)));
}
