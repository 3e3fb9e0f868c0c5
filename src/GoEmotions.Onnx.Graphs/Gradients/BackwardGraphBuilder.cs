using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Shapes;

namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>
/// Reverse-mode differentiation of an ONNX graph: one walk over its nodes, last to first, that asks the table
/// <see cref="GradientRules"/> for each operator and adds the backward pass to the same graph.
/// </summary>
public sealed class BackwardGraphBuilder
{
    private readonly HashSet<string> _needs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<GraphValue>> _gradients = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rowTables;
    private readonly List<RowGradient> _rows = [];
    private readonly Dictionary<(Dimension Count, ElementType Type), GraphValue> _ones = [];

    private BackwardGraphBuilder(GraphBuilder graph, IEnumerable<GraphValue> rowTables, bool standardOperatorsOnly)
    {
        Graph = graph;
        StandardOperatorsOnly = standardOperatorsOnly;
        _rowTables = rowTables.Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
    }

    internal GraphBuilder Graph { get; }

    internal bool StandardOperatorsOnly { get; }

    /// <summary>Adds the backward pass of a loss to its graph.</summary>
    /// <param name="graph">The graph; its nodes so far are differentiated.</param>
    /// <param name="loss">The loss, of a float type and of rank 0 or with one element.</param>
    /// <param name="parameters">What to differentiate by: inputs, initializers or intermediate values, of float types.</param>
    /// <param name="rowTables">
    /// Those of <paramref name="parameters"/> whose gradient is wanted as rows wherever a Gather along axis 0 takes rows from them.
    /// </param>
    /// <param name="standardOperatorsOnly">Whether the backward pass keeps to the standard's operators; otherwise it has ONNX Runtime's FusedMatMul too.</param>
    /// <returns>The gradients.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A value belongs to another graph, a parameter has no float type, or a row table is no parameter.</exception>
    /// <exception cref="GraphException">
    /// The loss is no single number, or an operator between a parameter and the loss has no rule, or one that does not take its attributes.
    /// </exception>
    public static GradientSet Build(GraphBuilder graph, GraphValue loss, IReadOnlyCollection<GraphValue> parameters, IReadOnlyCollection<GraphValue>? rowTables = null, bool standardOperatorsOnly = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(parameters);
        if (!loss.ElementType.IsFloat() || loss.Shape.ElementCount is not { IsOne: true })
        {
            Throw.Graph($"the loss '{loss}' is no single number of a float type, expected one. Reduce it first.");
        }

        rowTables ??= [];
        Require([loss], value => ReferenceEquals(value.Builder, graph), "a value of the graph given", nameof(loss));
        Require(parameters, value => ReferenceEquals(value.Builder, graph), "values of the graph given", nameof(parameters));
        Require(parameters, value => value.ElementType.IsFloat(), "values of a float type", nameof(parameters));
        Require(rowTables, parameters.Contains, "some of the parameters", nameof(rowTables));
        var walk = new BackwardGraphBuilder(graph, rowTables, standardOperatorsOnly);
        NodeProto[] forward = WhatLeadsTo(loss);
        walk.FindWhatNeedsGradients(forward, parameters);
        using (graph.Scope("gradients"))
        {
            GraphValue one = graph.Scalar(1, loss.ElementType);
            walk.Add(loss, loss.Rank == 0 ? one : graph.Node("Expand", [one, graph.ShapeVector(loss.Shape)]));
            walk.WalkBack(forward);
            return new GradientSet(
                parameters.Where(parameter => walk.FindGradient(parameter.Name) is not null)
                    .ToDictionary(parameter => parameter, parameter => walk.FindGradient(parameter.Name)!),
                walk._rows);
        }
    }

    internal bool Needs(string value) => _needs.Contains(value);

    /// <summary>The sum of all that was added to a value's gradient so far; null for nothing.</summary>
    internal GraphValue? FindGradient(string value)
    {
        if (value.Length == 0 || !_gradients.TryGetValue(value, out List<GraphValue>? parts))
        {
            return null;
        }

        if (parts.Count > 1)
        {
            GraphValue sum = Graph.Node(parts.Count == 2 ? "Add" : "Sum", [.. parts]);
            parts.Clear();
            parts.Add(sum);
        }

        return parts[0];
    }

    internal void Accumulate(GraphValue value, GraphValue gradient, GradientContext rule)
    {
        gradient = SumTo(gradient, value.Shape);
        if (gradient.Rank != value.Rank || gradient.Shape.Zip(value.Shape).Any(pair => pair is { First.IsConstant: true, Second.IsConstant: true } && pair.First != pair.Second))
        {
            rule.Fail($"its rule gives '{value.Name}' of shape {value.Shape} a gradient of shape {gradient.Shape}, expected the same.");
        }

        // Sizes that only the run tells: should one of them turn out to be a broadcast, the run fails here instead of going on wrong.
        Add(value, Graph.ReshapeAs(gradient, value));
    }

    internal bool TryTakeRows(GraphValue table, GraphValue indices, GraphValue rows)
    {
        if (!_rowTables.Contains(table.Name))
        {
            return false;
        }

        _rows.Add(new RowGradient(table, indices, rows));
        return true;
    }

    private void Add(GraphValue value, GraphValue gradient)
    {
        if (!_gradients.TryGetValue(value.Name, out List<GraphValue>? parts))
        {
            _gradients.Add(value.Name, parts = []);
        }

        parts.Add(gradient);
    }

    private static void Require(IEnumerable<GraphValue> values, Func<GraphValue, bool> holds, string expected, string parameterName)
    {
        if (values.FirstOrDefault(value => !holds(value)) is { } wrong)
        {
            Throw.Argument($"'{wrong}' was given, expected {expected}.", parameterName);
        }
    }

    private static NodeProto[] WhatLeadsTo(GraphValue loss)
    {
        HashSet<string> wanted = [loss.Name];
        var nodes = new List<NodeProto>();
        foreach (NodeProto node in loss.Builder.Nodes.Reverse().Where(node => node.Output.Any(wanted.Contains)))
        {
            wanted.UnionWith(node.Input.Where(name => name.Length > 0));
            nodes.Add(node);
        }

        nodes.Reverse();
        return [.. nodes];
    }

    private void FindWhatNeedsGradients(NodeProto[] forward, IEnumerable<GraphValue> parameters)
    {
        _needs.UnionWith(parameters.Select(parameter => parameter.Name));
        foreach (NodeProto node in forward.Where(node => node.Input.Any(_needs.Contains)))
        {
            // What is computed of integers and truth values (shapes, comparisons, ranks) has no gradient and needs no rule.
            string[] floats = [.. node.Output.Where(name => name.Length > 0 && Graph.Value(name).ElementType.IsFloat())];
            if (floats.Length > 0 && RuleOf(node).Apply is not null)
            {
                _needs.UnionWith(floats);
            }
        }
    }

    private void WalkBack(NodeProto[] forward)
    {
        foreach (NodeProto node in forward.Reverse())
        {
            if (node.Input.Any(_needs.Contains) && node.Output.Any(name => FindGradient(name) is not null) && RuleOf(node).Apply is { } apply)
            {
                using (Graph.Scope(node.Name))
                {
                    var context = new GradientContext(this, node);
                    apply(context);
                    context.RequireComplete();
                }
            }
        }
    }

    private GradientRule RuleOf(NodeProto node) => GradientRules.Find(node.Domain, node.OpType, Graph.Opset)
        ?? Throw.Graph<GradientRule>(ShapeContext.Describe(node, Graph.OpsetOf(node.Domain)) + "there is no gradient rule for this operator. Add a row to the table in Gradients/.");

    // The gradient of a broadcast is the sum over the axes that it repeated.
    private GraphValue SumTo(GraphValue gradient, SymbolicShape target)
    {
        int added = gradient.Rank - target.Rank;
        long[] repeated =
        [
            .. Enumerable.Range(0, gradient.Rank)
                .Where(axis => axis < added || (target[axis - added].IsOne && !gradient.Shape[axis].IsOne))
                .Select(axis => (long)axis),
        ];
        if (repeated.Length == 0)
        {
            return gradient;
        }

        // Where the axes lead, as those of a bias do, a product with a vector of ones sums several times as fast: docs/gradients.md.
        bool leads = repeated.Length < gradient.Rank && repeated[^1] == repeated.Length - 1;
        GraphValue sum = leads && Ones(gradient.Shape.Take(repeated.Length)) is { } ones
            ? Graph.Gemm(ones, Graph.Flatten(gradient, repeated.Length), false, false, 1)
            : Graph.Node("ReduceSum", [gradient, Graph.Integers(repeated)], ("keepdims", true));
        return Graph.Reshape(sum, target);

        GraphValue? Ones(IEnumerable<Dimension> axes) =>
            axes.Aggregate((Dimension)1, (product, axis) => product * axis) is { IsUnknown: false } count ? OnesRow(count, gradient.ElementType) : null;
    }

    // [1, count]
    private GraphValue OnesRow(Dimension count, ElementType type)
    {
        if (!_ones.TryGetValue((count, type), out GraphValue? ones))
        {
            ones = Graph.Node("Expand", [Graph.Scalar(1, type), Graph.ShapeVector([1, count])]);
            _ones.Add((count, type), ones);
        }

        return ones;
    }
}
