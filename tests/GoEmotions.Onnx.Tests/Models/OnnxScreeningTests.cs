using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Models;
using Google.Protobuf;

namespace GoEmotions.Onnx.Tests.Models;

public sealed class OnnxScreeningTests(ITestOutputHelper output)
{
    [Fact]
    public void OnnxScreening_OrdinaryModel_GivesItsSignature()
    {
        OnnxSummary summary = OnnxScreening.ScreenBytes(ClassifierModel.Onnx, "model");
        Assert.Equal(["input_ids", "attention_mask", "token_type_ids"], summary.Inputs.Select(input => input.Name));
        Assert.All(summary.Inputs, input => Assert.Equal((OnnxElementType.Int64, 2), (input.ElementType, input.Dimensions.Count)));
        OnnxValue logits = Assert.Single(summary.Outputs);
        Assert.Equal(("logits", OnnxElementType.Float, 3L), (logits.Name, logits.ElementType, logits.Dimensions[1]));
    }

    [Fact]
    public void OnnxScreening_Metadata_KeepsOurs()
    {
        ModelProto model = Model();
        model.MetadataProps.Add(new StringStringEntryProto { Key = "goemotions.form", Value = "packed" });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "other", Value = new string('x', 1 << 16) });
        Assert.Equal([KeyValuePair.Create("goemotions.form", "packed")], Screen(model).Metadata);
    }

    [Fact]
    public void OnnxScreening_InitializersAmongTheInputs_AreNoInputs()
    {
        ModelProto model = Model();
        model.Graph.Input.Add(new ValueInfoProto { Name = "w" });
        Assert.Equal(["x"], Screen(model).Inputs.Select(input => input.Name));
    }

    [Theory]
    [InlineData("../secret", "leaves the model's folder")]
    [InlineData("a/../../secret", "leaves the model's folder")]
    [InlineData("/etc/passwd", "is no relative path")]
    [InlineData("C:/secret", "is no relative path")]
    [InlineData("a\\secret", "is no relative path")]
    [InlineData("", "is no relative path")]
    [InlineData("missing.bin", "does not exist")]
    [InlineData("*/_ORT_MEM_ADDR_/*", "does not exist")]
    [InlineData("linked.bin", "passes through the link 'linked.bin'")]
    [InlineData("linked/secret", "passes through the link 'linked'")]
    public void OnnxScreening_DataOutside_IsRefused(string location, string reason)
    {
        using var folder = new TemporaryFolder();
        folder.Write("secret", "s");
        folder.Write("elsewhere/secret", "s");
        folder.Write("model/present.bin", "s");
        File.CreateSymbolicLink(folder["model/linked.bin"], folder["secret"]);
        Directory.CreateSymbolicLink(folder["model/linked"], folder["elsewhere"]);
        string path = folder.Write("model/model.onnx", WithExternal(Model(), location).ToByteArray());
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => OnnxScreening.ScreenFile(path));
        Assert.StartsWith($"{path}: tensors stand in the file '{location}', which {reason}", error.Message);
    }

    [Fact]
    public void OnnxScreening_DataBesideTheModel_IsTaken()
    {
        using var folder = new TemporaryFolder();
        folder.Write("weights/model.bin", "s");
        string path = folder.Write("model.onnx", WithExternal(Model(), "weights/model.bin").ToByteArray());
        Assert.Equal(["weights/model.bin"], OnnxScreening.ScreenFile(path).ExternalFiles);
        Assert.Contains("expected a model in one piece", Assert.Throws<InvalidDataException>(() => OnnxScreening.ScreenBytes(File.ReadAllBytes(path), "model")).Message);
    }

    [Fact]
    public void OnnxScreening_DataOutsideInAnAttributeOfASubgraph_IsRefused()
    {
        ModelProto model = Model();
        var branch = new GraphProto { Name = "branch" };
        branch.Node.Add(new NodeProto { OpType = "Constant", Attribute = { new AttributeProto { Name = "value", T = WithLocation(new TensorProto(), "/etc/passwd") } } });
        model.Graph.Node.Add(new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = branch } } });
        using var folder = new TemporaryFolder();
        Assert.Contains("'/etc/passwd'", Assert.Throws<InvalidDataException>(() => OnnxScreening.ScreenFile(folder.Write("model.onnx", model.ToByteArray()))).Message);
    }

    [Fact]
    public void OnnxScreening_SparseInitializer_IsRefused()
    {
        ModelProto model = Model();
        model.Graph.SparseInitializer.Add(new SparseTensorProto());
        Refused(model, "the model has sparse tensors");
    }

    [Fact]
    public void OnnxScreening_UnknownDomain_IsRefused()
    {
        ModelProto model = Model();
        model.Graph.Node.Add(new NodeProto { Name = "n7", OpType = "Evil", Domain = "org.example" });
        Refused(model, "node 'n7' (Evil) is of the domain 'org.example'");
        model.Functions.Add(new FunctionProto { Name = "Evil", Domain = "org.example" });
        Screen(model);
        model.Functions[0].Node.Add(new NodeProto { OpType = "Worse", Domain = "org.other" });
        Refused(model, "'org.other'");
    }

    [Fact]
    public void OnnxScreening_CompiledCode_IsRefused()
    {
        ModelProto model = Model();
        model.Graph.Node.Add(new NodeProto { Name = "n", OpType = "EPContext", Domain = "com.microsoft" });
        Refused(model, "loads compiled code");
    }

    [Fact]
    public void OnnxScreening_DeepGraphs_AreRefused()
    {
        ModelProto model = Model();
        GraphProto graph = model.Graph;
        for (int depth = 0; depth < 50; depth++)
        {
            var inner = new GraphProto();
            graph.Node.Add(new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = inner } } });
            graph = inner;
        }

        Refused(model, "graphs nested more than 16 deep");
    }

    [Fact]
    public void OnnxScreening_MillionsOfNodes_AreRefused()
    {
        // A node of two bytes each: no model, but a small file that a parser would make gigabytes of.
        ModelProto model = Model();
        byte[] nodes = new byte[2 * 1_000_001];
        for (int node = 0; node < nodes.Length; node += 2)
        {
            nodes[node] = (GraphProto.NodeFieldNumber << 3) | 2;
        }

        byte[] graph = [.. model.Graph.ToByteArray(), .. nodes];
        model.Graph = null;
        using var stream = new MemoryStream();
        using (var coded = new CodedOutputStream(stream, leaveOpen: true))
        {
            model.WriteTo(coded);
            coded.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
            coded.WriteBytes(ByteString.CopyFrom(graph));
        }

        Assert.Contains("more than 1000000 nodes and tensors", Assert.Throws<InvalidDataException>(() => OnnxScreening.ScreenBytes(stream.ToArray(), "model")).Message);
    }

    [Fact]
    public void OnnxScreening_ShapeOfManyDimensions_IsRefused()
    {
        ModelProto model = Model();
        var shape = new TensorShapeProto();
        shape.Dim.Add(Enumerable.Range(0, 17).Select(_ => new TensorShapeProto.Types.Dimension { DimValue = 1 }));
        model.Graph.Input[0].Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } };
        Refused(model, "a shape of more than 16 dimensions");
    }

    [Fact]
    public void OnnxScreening_CutAnywhere_IsRefusedOrTaken()
    {
        byte[] bytes = WithExternal(Model(), "x").ToByteArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            // Nothing but what a parser of protobuf may find: a message that ends between two fields is one.
            TryScreen(bytes[..length]);
        }
    }

    [Fact]
    public void OnnxScreening_RandomBytes_NeverFailOtherwise()
    {
        byte[] model = Model(nodes: 20).ToByteArray();
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int taken = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. model];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            taken += TryScreen(bytes) ? 1 : 0;
        }

        // Most changes fall into names; some into lengths.
        Assert.InRange(taken, 1, 19_999);
    }

    private static bool TryScreen(byte[] bytes)
    {
        try
        {
            OnnxScreening.ScreenBytes(bytes, "model");
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static OnnxSummary Screen(ModelProto model) => OnnxScreening.ScreenBytes(model.ToByteArray(), "model");

    private static void Refused(ModelProto model, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Screen(model)).Message);

    private static ModelProto Model(int nodes = 1)
    {
        var model = new ModelProto { IrVersion = 10, Graph = new GraphProto { Name = "g" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 21 });
        model.Graph.Input.Add(new ValueInfoProto { Name = "x" });
        model.Graph.Output.Add(new ValueInfoProto { Name = "y" });
        for (int node = 0; node < nodes; node++)
        {
            model.Graph.Node.Add(new NodeProto { Name = $"n{node}", OpType = "Identity", Input = { "x" }, Output = { "y" } });
        }

        model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, RawData = ByteString.CopyFrom(new byte[400]), Dims = { 100 } });
        return model;
    }

    private static ModelProto WithExternal(ModelProto model, string location)
    {
        model.Graph.Initializer.Add(WithLocation(new TensorProto { Name = "e" }, location));
        return model;
    }

    private static TensorProto WithLocation(TensorProto tensor, string location)
    {
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        return tensor;
    }
}
