using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Infers the values of a model's graph, node after node in topological order.</summary>
internal sealed class InferenceWalk
{
    private readonly Dictionary<string, InferredValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorType> _declared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _opsets = new(StringComparer.Ordinal);

    public InferenceWalk(ModelProto model)
    {
        foreach (OperatorSetIdProto import in model.OpsetImport)
        {
            _opsets[OperatorTable.Normalize(import.Domain)] = (int)Math.Clamp(import.Version, 0, int.MaxValue);
        }

        GraphProto graph = model.Graph;
        foreach (ValueInfoProto value in graph.ValueInfo.Concat(graph.Output))
        {
            _declared[value.Name] = TensorType.FromProto(value.Type);
        }

        foreach (ValueInfoProto input in graph.Input)
        {
            _values[input.Name] = new InferredValue(TensorType.FromProto(input.Type));
        }

        foreach (TensorProto initializer in graph.Initializer)
        {
            // An initializer that is also an input is only a default: the caller may give other elements.
            InferredValue content = TensorContent.Describe(initializer);
            _values[initializer.Name] = _values.ContainsKey(initializer.Name) ? new InferredValue(content.Type) : content;
        }

        foreach (SparseTensorProto sparse in graph.SparseInitializer.Where(sparse => sparse.Values is not null))
        {
            _values[sparse.Values.Name] = new InferredValue(new TensorType((ElementType)sparse.Values.DataType, SymbolicShape.Constant([.. sparse.Dims.Select(d => Math.Max(0, d))])));
        }
    }

    public int Opset(string domain) => _opsets.GetValueOrDefault(OperatorTable.Normalize(domain));

    public InferredValue Value(string name) => _values.GetValueOrDefault(name, InferredValue.Unknown);

    public Dictionary<string, TensorType> Types() => _values.ToDictionary(pair => pair.Key, pair => pair.Value.Type, StringComparer.Ordinal);

    /// <summary>Infers the outputs of a node.</summary>
    /// <returns>Whether there is a rule for the operator.</returns>
    /// <exception cref="GraphException">The inputs or attributes do not fit the operator.</exception>
    public bool Visit(NodeProto node)
    {
        int opset = Opset(node.Domain);
        OperatorRule? rule = OperatorTable.Find(node.Domain, node.OpType, opset);
        if (rule is not null)
        {
            // Should the rule fail, the outputs are known by their declaration alone.
            TakeDeclarations(node);
            var context = new ShapeContext(node, opset, strict: false, [.. node.Input.Select(name => name.Length == 0 ? null : Value(name))], node.Output.Count);
            context.Run(rule);
            for (int i = 0; i < node.Output.Count; i++)
            {
                _values[node.Output[i]] = Refine(context.Outputs[i], node.Output[i]);
            }
        }
        else
        {
            TakeDeclarations(node);
        }

        return rule is not null;
    }

    public bool TryGetDeclared(string name, out TensorType declared) => _declared.TryGetValue(name, out declared!);

    private void TakeDeclarations(NodeProto node)
    {
        foreach (string output in node.Output)
        {
            _values[output] = new InferredValue(_declared.GetValueOrDefault(output, TensorType.Unknown));
        }
    }

    // Where a rule gives no dimension, the file's own declaration may.
    private InferredValue Refine(InferredValue inferred, string name)
    {
        if (!_declared.TryGetValue(name, out TensorType? declared) || declared.Shape is null)
        {
            return inferred;
        }

        ElementType type = inferred.Type.ElementType == ElementType.Undefined ? declared.ElementType : inferred.Type.ElementType;
        if (inferred.Type.Shape is not { } shape)
        {
            return new InferredValue(new TensorType(type, declared.Shape), inferred.Elements);
        }

        if (shape.Rank != declared.Shape.Rank)
        {
            return inferred;
        }

        var dimensions = new Dimension[shape.Rank];
        for (int axis = 0; axis < dimensions.Length; axis++)
        {
            dimensions[axis] = shape[axis].IsUnknown ? declared.Shape[axis] : shape[axis];
        }

        return new InferredValue(new TensorType(type, SymbolicShape.Create(dimensions)), inferred.Elements);
    }
}
