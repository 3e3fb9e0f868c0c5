using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Shapes;

namespace GoEmotions.Onnx.Graphs;

/// <summary>
/// Checks a model: unique names, each value defined once and before it is used, operator sets imported, initializers of the right
/// size, and types and shapes that agree with <see cref="ShapeInference"/> where they are known. Thread-safe.
/// </summary>
public static class GraphChecker
{
    /// <summary>The lowest version of the standard's operator set whose rules <see cref="ShapeInference"/> knows.</summary>
    internal const int MinimalOpset = 7;

    /// <summary>Checks a model.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <returns>All findings; none of severity <see cref="GraphFindingSeverity.Error"/> when the model is sound.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    public static IReadOnlyList<GraphFinding> Check(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var findings = new List<GraphFinding>();
        if (model.Graph is null)
        {
            Add(findings, "", "the model has no graph.");
            return findings;
        }

        CheckOpsets(model, findings);
        CheckInitializers(model.Graph, findings);
        if (CheckNames(model.Graph, new HashSet<string>(StringComparer.Ordinal), findings))
        {
            CheckTypes(model, findings);
        }

        return findings;
    }

    /// <summary>Checks a model and throws at its first errors.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="source">What the message names as the place, such as the file.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidDataException">The model is not sound; the message has the first errors and their number.</exception>
    public static void ThrowIfInvalid(ModelProto model, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        GraphFinding[] errors = [.. Check(model).Where(finding => finding.Severity == GraphFindingSeverity.Error)];
        if (errors.Length > 0)
        {
            string shown = string.Join(" ", errors.Take(3).Select(error => error.Message));
            Throw.InvalidData($"{source}: {errors.Length} error{(errors.Length == 1 ? "" : "s")} in the graph: {shown}");
        }
    }

    private static void Add(List<GraphFinding> findings, string subject, string message) =>
        findings.Add(new GraphFinding(GraphFindingSeverity.Error, subject, message));

    private static void CheckOpsets(ModelProto model, List<GraphFinding> findings)
    {
        if (model.IrVersion <= 0)
        {
            Add(findings, "", $"ir_version is {model.IrVersion}, expected 1 or more.");
        }

        var imported = new HashSet<string>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in model.OpsetImport)
        {
            if (!imported.Add(OperatorTable.Normalize(import.Domain)))
            {
                Add(findings, import.Domain, $"operator set '{import.Domain}' is imported twice, expected one version of each.");
            }

            if (import.Version <= 0)
            {
                Add(findings, import.Domain, $"operator set '{import.Domain}' has version {import.Version}, expected 1 or more.");
            }
        }

        foreach (string domain in Domains(model.Graph).Select(OperatorTable.Normalize).Distinct(StringComparer.Ordinal))
        {
            if (!imported.Contains(domain))
            {
                Add(findings, domain, $"operator set '{(domain.Length == 0 ? "ai.onnx" : domain)}' is used but not imported. Add it to opset_import.");
            }
        }
    }

    private static IEnumerable<string> Domains(GraphProto graph) => graph.Node.SelectMany(node => InnerGraphs(node).SelectMany(Domains).Prepend(node.Domain));

    private static IEnumerable<GraphProto> InnerGraphs(NodeProto node) =>
        node.Attribute.SelectMany(attribute => attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G));

    private static void CheckInitializers(GraphProto graph, List<GraphFinding> findings)
    {
        foreach (TensorProto tensor in graph.Initializer)
        {
            if (TensorProblem(tensor) is { } problem)
            {
                Add(findings, tensor.Name, $"initializer '{tensor.Name}' {problem}.");
            }
        }
    }

    private static string? TensorProblem(TensorProto tensor)
    {
        var type = (ElementType)tensor.DataType;
        if (type == ElementType.Undefined || !Enum.IsDefined(type))
        {
            return $"has element type {tensor.DataType}, expected one of the standard's";
        }

        Int128 count = 1;
        foreach (long dim in tensor.Dims)
        {
            if (dim < 0)
            {
                return $"has dims [{string.Join(", ", tensor.Dims)}], expected 0 or more each";
            }

            count *= dim;
            if (count > long.MaxValue)
            {
                return $"has dims [{string.Join(", ", tensor.Dims)}], expected a product below 2^63";
            }
        }

        if (tensor.DataLocation == TensorProto.Types.DataLocation.External || type == ElementType.String)
        {
            return null;
        }

        string shape = $"{type.OnnxName()}[{string.Join(", ", tensor.Dims)}]";
        Int128 expectedBytes = ((count * type.SizeInBits()) + 7) / 8;
        if (tensor.HasRawData)
        {
            return tensor.RawData.Length == expectedBytes ? null : $"has {tensor.RawData.Length} bytes, expected {expectedBytes} for {shape}";
        }

        long typed = tensor.FloatData.Count + tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count;
        Int128 expected = type is ElementType.Complex64 or ElementType.Complex128 ? count * 2 : type.SizeInBits() < 8 ? expectedBytes : count;
        return typed == expected ? null : $"has {typed} elements, expected {expected} for {shape}";
    }

    // Whether each value that is used is defined once, be it too late: then the nodes can be sorted, unless they form a cycle.
    private static bool CheckNames(GraphProto graph, HashSet<string> outer, List<GraphFinding> findings)
    {
        bool isDefinedOnce = true;
        var defined = new HashSet<string>(outer, StringComparer.Ordinal);
        var inputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto input in graph.Input)
        {
            if (input.Name.Length == 0 || !inputs.Add(input.Name))
            {
                Add(findings, input.Name, $"graph '{graph.Name}' has {(input.Name.Length == 0 ? "an input without a name" : $"two inputs '{input.Name}'")}, expected distinct names.");
            }
        }

        defined.UnionWith(inputs);
        var initializers = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in graph.Initializer.Select(initializer => initializer.Name).Concat(graph.SparseInitializer.Where(s => s.Values is not null).Select(s => s.Values.Name)))
        {
            if (name.Length == 0 || !initializers.Add(name))
            {
                Add(findings, name, $"graph '{graph.Name}' has {(name.Length == 0 ? "an initializer without a name" : $"two initializers '{name}'")}, expected distinct names.");
            }
        }

        defined.UnionWith(initializers);
        var later = new HashSet<string>(graph.Node.SelectMany(node => node.Output), StringComparer.Ordinal);
        var nodeNames = new HashSet<string>(StringComparer.Ordinal);
        for (int index = 0; index < graph.Node.Count; index++)
        {
            NodeProto node = graph.Node[index];
            string what = GraphOrder.Describe(node, index);
            if (node.OpType.Length == 0)
            {
                Add(findings, node.Name, $"{what} has no operator.");
            }

            if (node.Name.Length > 0 && !nodeNames.Add(node.Name))
            {
                Add(findings, node.Name, $"{what} bears the name of an earlier node, expected distinct names.");
            }

            foreach (string input in GraphOrder.Uses(node))
            {
                if (!defined.Contains(input))
                {
                    isDefinedOnce &= later.Contains(input);
                    Add(findings, node.Name, later.Contains(input)
                        ? $"{what} takes '{input}' before it is defined. Sort the nodes with GraphOrder."
                        : $"{what} takes '{input}', which is no input, initializer or output of another node.");
                }
            }

            foreach (GraphProto inner in InnerGraphs(node))
            {
                isDefinedOnce &= CheckNames(inner, defined, findings);
            }

            foreach (string output in node.Output)
            {
                if (output.Length > 0 && !defined.Add(output))
                {
                    isDefinedOnce = false;
                    Add(findings, node.Name, $"{what} defines '{output}' a second time, expected each value to be defined once.");
                }
            }
        }

        CheckOutputs(graph, defined, findings);
        return isDefinedOnce;
    }

    private static void CheckOutputs(GraphProto graph, HashSet<string> defined, List<GraphFinding> findings)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto output in graph.Output)
        {
            if (!names.Add(output.Name))
            {
                Add(findings, output.Name, $"graph '{graph.Name}' has two outputs '{output.Name}', expected distinct names.");
            }

            if (!defined.Contains(output.Name))
            {
                Add(findings, output.Name, $"output '{output.Name}' of graph '{graph.Name}' is not defined by an input, initializer or node.");
            }
        }
    }

    private static void CheckTypes(ModelProto model, List<GraphFinding> findings)
    {
        IReadOnlyList<NodeProto> nodes;
        try
        {
            nodes = GraphOrder.Sort(model.Graph);
        }
        catch (GraphException error)
        {
            Add(findings, "", error.Message);
            return;
        }

        var walk = new InferenceWalk(model);
        if (walk.Opset("") is > 0 and < MinimalOpset and int old)
        {
            findings.Add(new GraphFinding(GraphFindingSeverity.Unchecked, "", $"types are not checked: opset {old}, expected {MinimalOpset} or later."));
            return;
        }

        foreach (NodeProto node in nodes)
        {
            try
            {
                if (!walk.Visit(node))
                {
                    findings.Add(new GraphFinding(GraphFindingSeverity.Unchecked, node.Name, ShapeContext.Describe(node, walk.Opset(node.Domain)) + "there is no shape rule for this operator; its outputs have unknown shapes."));
                }
            }
            catch (GraphException error)
            {
                Add(findings, node.Name, error.Message);
            }
        }

        foreach (ValueInfoProto declared in model.Graph.ValueInfo.Concat(model.Graph.Output))
        {
            CheckDeclared(declared, walk.Value(declared.Name).Type, findings);
        }

        CheckInitializerInputs(model.Graph, findings);
    }

    private static void CheckInitializerInputs(GraphProto graph, List<GraphFinding> findings)
    {
        var inputs = new Dictionary<string, ValueInfoProto>(StringComparer.Ordinal);
        foreach (ValueInfoProto input in graph.Input)
        {
            inputs.TryAdd(input.Name, input);
        }

        foreach (TensorProto initializer in graph.Initializer)
        {
            if (inputs.TryGetValue(initializer.Name, out ValueInfoProto? input))
            {
                CheckDeclared(input, TensorContent.Describe(initializer).Type, findings);
            }
        }
    }

    private static void CheckDeclared(ValueInfoProto value, TensorType inferred, List<GraphFinding> findings)
    {
        TensorType declared = TensorType.FromProto(value.Type);
        bool typesDiffer = declared.ElementType != ElementType.Undefined && inferred.ElementType != ElementType.Undefined && declared.ElementType != inferred.ElementType;
        if (typesDiffer || (declared.Shape is { } a && inferred.Shape is { } b && SurelyDiffer(a, b)))
        {
            Add(findings, value.Name, $"value '{value.Name}' is declared as {declared}, but inference finds {inferred}.");
        }
    }

    private static bool SurelyDiffer(SymbolicShape a, SymbolicShape b)
    {
        if (a.Rank != b.Rank)
        {
            return true;
        }

        for (int axis = 0; axis < a.Rank; axis++)
        {
            if (a[axis].IsConstant && b[axis].IsConstant && a[axis] != b[axis])
            {
                return true;
            }
        }

        return false;
    }
}
