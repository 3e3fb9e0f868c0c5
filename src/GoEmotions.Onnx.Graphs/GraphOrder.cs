using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs;

/// <summary>Topological order of a graph's nodes: every node after those whose values it takes. Thread-safe.</summary>
public static class GraphOrder
{
    /// <summary>Sorts the nodes of a graph. Of nodes that may run, the one that stands first in the graph comes first, so that an ordered graph stays as it is.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <returns>The same nodes, ordered.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="graph"/> is null.</exception>
    /// <exception cref="GraphException">A value is defined twice or not at all, or nodes form a cycle; the message names them.</exception>
    public static IReadOnlyList<NodeProto> Sort(GraphProto graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        HashSet<string> given = Given(graph);
        for (int index = 0; index < graph.Node.Count; index++)
        {
            foreach (string output in graph.Node[index].Output)
            {
                if (output.Length > 0 && (given.Contains(output) || !producers.TryAdd(output, index)))
                {
                    Throw.Graph($"graph '{graph.Name}': {Describe(graph.Node[index], index)} defines '{output}' a second time, expected each value to be defined once.");
                }
            }
        }

        return Order(graph, given, producers);
    }

    /// <summary>Sorts the nodes of a graph in place.</summary>
    /// <param name="graph">The graph.</param>
    /// <exception cref="ArgumentNullException"><paramref name="graph"/> is null.</exception>
    /// <exception cref="GraphException">A value is defined twice or not at all, or nodes form a cycle; the message names them.</exception>
    public static void SortInPlace(GraphProto graph)
    {
        IReadOnlyList<NodeProto> ordered = Sort(graph);
        graph.Node.Clear();
        graph.Node.AddRange(ordered);
    }

    internal static string Describe(NodeProto node, int index) =>
        node.Name.Length > 0 ? $"node '{node.Name}' ({node.OpType})" : $"node {index} ({node.OpType}, unnamed, output '{node.Output.FirstOrDefault()}')";

    /// <summary>The values that a node takes: its inputs, and what the graphs in its attributes take from outside themselves.</summary>
    internal static IEnumerable<string> Uses(NodeProto node)
    {
        foreach (string input in node.Input)
        {
            if (input.Length > 0)
            {
                yield return input;
            }
        }

        foreach (AttributeProto attribute in node.Attribute)
        {
            foreach (GraphProto inner in attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G))
            {
                foreach (string name in OuterValues(inner))
                {
                    yield return name;
                }
            }
        }
    }

    private static HashSet<string> Given(GraphProto graph)
    {
        var given = new HashSet<string>(StringComparer.Ordinal);
        given.UnionWith(graph.Input.Select(input => input.Name));
        given.UnionWith(graph.Initializer.Select(initializer => initializer.Name));
        given.UnionWith(graph.SparseInitializer.Where(sparse => sparse.Values is not null).Select(sparse => sparse.Values.Name));
        return given;
    }

    private static IEnumerable<string> OuterValues(GraphProto inner)
    {
        HashSet<string> own = Given(inner);
        own.UnionWith(inner.Node.SelectMany(node => node.Output));
        return inner.Node.SelectMany(Uses).Concat(inner.Output.Select(output => output.Name)).Where(name => name.Length > 0 && !own.Contains(name));
    }

    private static NodeProto[] Order(GraphProto graph, HashSet<string> given, Dictionary<string, int> producers)
    {
        int count = graph.Node.Count;
        var waitsFor = new int[count];
        var followers = new List<int>?[count];
        for (int index = 0; index < count; index++)
        {
            foreach (string input in Uses(graph.Node[index]).Distinct(StringComparer.Ordinal))
            {
                if (producers.TryGetValue(input, out int producer))
                {
                    (followers[producer] ??= []).Add(index);
                    waitsFor[index]++;
                }
                else if (!given.Contains(input))
                {
                    Throw.Graph($"graph '{graph.Name}': {Describe(graph.Node[index], index)} takes '{input}', which is no input, initializer or output of another node.");
                }
            }
        }

        var ready = new PriorityQueue<int, int>();
        for (int index = 0; index < count; index++)
        {
            if (waitsFor[index] == 0)
            {
                ready.Enqueue(index, index);
            }
        }

        var ordered = new List<NodeProto>(count);
        while (ready.TryDequeue(out int index, out _))
        {
            ordered.Add(graph.Node[index]);
            foreach (int follower in followers[index] ?? [])
            {
                if (--waitsFor[follower] == 0)
                {
                    ready.Enqueue(follower, follower);
                }
            }
        }

        if (ordered.Count < count)
        {
            Throw.Graph($"graph '{graph.Name}' has a cycle: {Cycle(graph, producers, waitsFor)}.");
        }

        return [.. ordered];
    }

    // From any node that still waits, its waiting producers lead around a cycle.
    private static string Cycle(GraphProto graph, Dictionary<string, int> producers, int[] waitsFor)
    {
        var path = new List<int>();
        int current = Array.FindIndex(waitsFor, waits => waits > 0);
        while (!path.Contains(current))
        {
            path.Add(current);
            current = Uses(graph.Node[current])
                .Select(input => producers.TryGetValue(input, out int producer) && waitsFor[producer] > 0 ? producer : -1)
                .First(producer => producer >= 0);
        }

        IEnumerable<int> cycle = path.Skip(path.IndexOf(current)).Append(current).Reverse();
        return string.Join(" -> ", cycle.Select(index => Describe(graph.Node[index], index)));
    }
}
