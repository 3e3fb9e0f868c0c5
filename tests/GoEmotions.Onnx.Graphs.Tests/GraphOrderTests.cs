using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class GraphOrderTests
{
    [Fact]
    public void GraphOrder_OrderedGraph_StaysAsItIs()
    {
        GraphProto graph = Graph(("a", ["x"], ["1"]), ("b", ["x"], ["2"]), ("c", ["2", "1"], ["3"]), ("d", ["x"], ["4"]));
        Assert.Equal(["a", "b", "c", "d"], GraphOrder.Sort(graph).Select(node => node.Name));
    }

    [Fact]
    public void GraphOrder_ShuffledGraphs_AreOrderedStably()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        for (int round = 0; round < 200; round++)
        {
            // Node i takes up to three earlier values, so a valid order exists.
            int count = random.Next(1, 30);
            (string Name, string[] Inputs, string[] Outputs)[] nodes = [.. Enumerable.Range(0, count).Select(i =>
                ($"n{i}", (string[])[.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(i + 1) is int from && from == i ? "x" : $"v{from}")], new[] { $"v{i}" }))];
            random.Shuffle(nodes);
            GraphProto graph = Graph(nodes);
            IReadOnlyList<NodeProto> ordered = GraphOrder.Sort(graph);
            Assert.Equal(count, ordered.Distinct().Count());
            var defined = new HashSet<string> { "x" };
            foreach (NodeProto node in ordered)
            {
                Assert.All(node.Input, input => Assert.True(defined.Contains(input), $"seed {Seed}, round {round}: {node.Name} takes {input} too early"));
                defined.UnionWith(node.Output);
            }

            GraphOrder.SortInPlace(graph);
            Assert.Equal(ordered, graph.Node);
            Assert.Equal(ordered, GraphOrder.Sort(graph));
        }
    }

    [Fact]
    public void GraphOrder_Cycle_NamesItsNodes()
    {
        GraphProto graph = Graph(("first", ["x"], ["1"]), ("a", ["1", "3"], ["2"]), ("b", ["2"], ["3"]), ("after", ["3"], ["4"]));
        Assert.Equal(
            "graph 'g' has a cycle: node 'a' (Op) -> node 'b' (Op) -> node 'a' (Op).",
            Assert.Throws<GraphException>(() => GraphOrder.Sort(graph)).Message);
    }

    [Fact]
    public void GraphOrder_UndefinedOrDoubleValue_NamesNodeAndValue()
    {
        Assert.Equal(
            "graph 'g': node 'a' (Op) takes 'nothing', which is no input, initializer or output of another node.",
            Assert.Throws<GraphException>(() => GraphOrder.Sort(Graph(("a", ["nothing"], ["1"])))).Message);
        Assert.Equal(
            "graph 'g': node 'b' (Op) defines '1' a second time, expected each value to be defined once.",
            Assert.Throws<GraphException>(() => GraphOrder.Sort(Graph(("a", ["x"], ["1"]), ("b", ["x"], ["1"])))).Message);
        Assert.Equal(
            "graph 'g': node 0 (Op, unnamed, output 'x') defines 'x' a second time, expected each value to be defined once.",
            Assert.Throws<GraphException>(() => GraphOrder.Sort(Graph(("", ["x"], ["x"])))).Message);
    }

    [Fact]
    public void GraphOrder_InnerGraph_WaitsForWhatItTakesFromOutside()
    {
        GraphProto graph = Graph(("if", ["x"], ["y"]), ("producer", ["x"], ["outer"]));
        GraphProto inner = Graph(("inner", ["outer"], ["own"]), ("inner 2", ["own"], ["result"]));
        inner.Input.Clear();
        graph.Node[0].Attribute.Add(new AttributeProto { Name = "then_branch", G = inner });
        Assert.Equal(["producer", "if"], GraphOrder.Sort(graph).Select(node => node.Name));
    }

    internal static GraphProto Graph(params (string Name, string[] Inputs, string[] Outputs)[] nodes)
    {
        var graph = new GraphProto { Name = "g", Input = { new ValueInfoProto { Name = "x" } } };
        foreach ((string name, string[] inputs, string[] outputs) in nodes)
        {
            graph.Node.Add(new NodeProto { Name = name, OpType = "Op", Input = { inputs }, Output = { outputs } });
        }

        return graph;
    }
}
