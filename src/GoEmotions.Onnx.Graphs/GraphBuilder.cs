using System.Runtime.InteropServices;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Shapes;
using Google.Protobuf;

namespace GoEmotions.Onnx.Graphs;

/// <summary>
/// Builds an ONNX graph node by node. Every value carries its element type and symbolic shape, so that what does not fit is an
/// error where it is made. Not thread-safe.
/// </summary>
public sealed class GraphBuilder
{
    /// <summary>The domain of the operators that ONNX Runtime adds to the standard's.</summary>
    public const string MicrosoftDomain = OperatorTable.MicrosoftDomain;

    /// <summary>The lowest operator set version that graphs are built for: the first with LayerNormalization.</summary>
    public const int MinimalOpset = 17;

    /// <summary>The highest operator set version that graphs are built for.</summary>
    public const int MaximalOpset = 24;

    /// <summary>The operator set version that is used where none is asked for; ONNX Runtime 1.18 and later load it.</summary>
    public const int DefaultOpset = 21;

    private readonly GraphProto _graph;
    private readonly Dictionary<string, GraphValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<(ElementType Type, string Shape, ByteString Content), GraphValue> _constants = [];
    private readonly Dictionary<string, long> _opsets = new(StringComparer.Ordinal);
    private readonly List<string> _scopes = [];
    private readonly bool _strict = true;
    private readonly ModelProto? _origin;

    /// <summary>Starts an empty graph.</summary>
    /// <param name="name">The name of the graph.</param>
    /// <param name="opset">The version of the standard operator set, from <see cref="MinimalOpset"/> to <see cref="MaximalOpset"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="opset"/> is outside that range.</exception>
    public GraphBuilder(string name, int opset = DefaultOpset)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        RequireOpset(opset);
        _graph = new GraphProto { Name = name };
        Opset = opset;
        _opsets[""] = opset;
    }

    private GraphBuilder(ModelProto model, int opset)
    {
        _origin = model.Clone();
        _graph = _origin.Graph;
        Opset = opset;
        _strict = false;
    }

    /// <summary>The version of the standard operator set.</summary>
    public int Opset { get; }

    /// <summary>The scope in which names are made now, such as <c>encoder.layer.0/attention</c>; empty outside every scope.</summary>
    public string CurrentScope => string.Join('/', _scopes);

    /// <summary>The nodes so far, each after those whose values it takes. They must not be changed but through the builder.</summary>
    public IReadOnlyList<NodeProto> Nodes => _graph.Node;

    /// <summary>The names of the graph's inputs, in order.</summary>
    public IEnumerable<string> InputNames => _graph.Input.Select(input => input.Name);

    /// <summary>The names of the graph's outputs, in order.</summary>
    public IEnumerable<string> OutputNames => _graph.Output.Select(output => output.Name);

    /// <summary>
    /// Opens a finished model in order to add to it (a loss, gradients). Types and shapes of all its values are inferred; two
    /// symbols of the model are not taken for different sizes.
    /// </summary>
    /// <param name="model">The model; it is copied, and its nodes are sorted.</param>
    /// <returns>A builder that holds the model's graph.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    /// <exception cref="GraphException">An operator has neither a shape rule nor declared output types, a node is wrong, or the operator set is out of range.</exception>
    public static GraphBuilder Open(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Graph is null)
        {
            Throw.Graph("the model has no graph, expected one to open.");
        }

        long opset = model.OpsetImport.FirstOrDefault(import => OperatorTable.Normalize(import.Domain).Length == 0)?.Version ?? 0;
        if (opset is < MinimalOpset or > MaximalOpset)
        {
            Throw.Graph($"the model has opset {opset}, expected {MinimalOpset} to {MaximalOpset}. Convert it to another operator set version.");
        }

        var builder = new GraphBuilder(model, (int)opset);
        builder.TakeOver();
        return builder;
    }

    /// <summary>Opens a scope: names made until it is disposed start with it.</summary>
    /// <param name="name">The scope, such as <c>attention</c>.</param>
    /// <returns>What ends the scope when disposed.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    public NameScope Scope(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _scopes.Add(name);
        return new NameScope(this, _scopes.Count);
    }

    /// <summary>Adds an input of the graph. Symbols in its shape are from then on the sizes of its axes.</summary>
    /// <param name="name">Its name, exactly.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its shape.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty, or <paramref name="type"/> is no element type.</exception>
    /// <exception cref="GraphException">The name is taken.</exception>
    public GraphValue Input(string name, ElementType type, SymbolicShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (type == ElementType.Undefined || !Enum.IsDefined(type))
        {
            Throw.Argument($"input '{name}' has element type {(int)type}, expected one of the standard's.", nameof(type));
        }

        Claim(name);
        var tensor = new TensorType(type, shape);
        _graph.Input.Add(new ValueInfoProto { Name = name, Type = tensor.ToProto() });
        return Register(new GraphValue(this, name, GraphValueKind.Input, tensor));
    }

    /// <summary>Adds a named initializer, such as a parameter. The elements are copied.</summary>
    /// <typeparam name="T">float, double, Half, long, int, byte, sbyte or bool.</typeparam>
    /// <param name="name">Its name, exactly.</param>
    /// <param name="elements">The elements, row-major.</param>
    /// <param name="dimensions">The shape.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">The number of elements is not the product of the dimensions, or <typeparamref name="T"/> is no element type.</exception>
    /// <exception cref="GraphException">The name is taken.</exception>
    public GraphValue Initializer<T>(string name, ReadOnlySpan<T> elements, params ReadOnlySpan<long> dimensions)
        where T : unmanaged
    {
        ElementType type = ElementTypes.Of<T>();
        RequireCount(name, elements.Length, dimensions);
        Claim(name);
        return AddInitializer(name, type, dimensions, ByteString.CopyFrom(MemoryMarshal.AsBytes(elements)));
    }

    /// <summary>A constant tensor. Equal constants are one initializer.</summary>
    /// <typeparam name="T">float, double, Half, long, int, byte, sbyte or bool.</typeparam>
    /// <param name="elements">The elements, row-major.</param>
    /// <param name="dimensions">The shape.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">The number of elements is not the product of the dimensions, or <typeparamref name="T"/> is no element type.</exception>
    public GraphValue Constant<T>(ReadOnlySpan<T> elements, params ReadOnlySpan<long> dimensions)
        where T : unmanaged
    {
        ElementType type = ElementTypes.Of<T>();
        RequireCount("constant", elements.Length, dimensions);
        ByteString content = ByteString.CopyFrom(MemoryMarshal.AsBytes(elements));
        var key = (type, string.Join(',', dimensions.ToArray()), content);
        if (!_constants.TryGetValue(key, out GraphValue? value))
        {
            string name = Unique("constants/" + ConstantName(elements, dimensions));
            value = AddInitializer(name, type, dimensions, content);
            _constants.Add(key, value);
        }

        return value;
    }

    /// <summary>A constant scalar.</summary>
    /// <typeparam name="T">float, double, Half, long, int, byte, sbyte or bool.</typeparam>
    /// <param name="element">The element.</param>
    /// <returns>The value, of rank 0.</returns>
    public GraphValue Scalar<T>(T element)
        where T : unmanaged => Constant<T>([element]);

    /// <summary>A constant int64 vector, as axes and shapes are given to operators.</summary>
    /// <param name="elements">The elements.</param>
    /// <returns>The value, of rank 1.</returns>
    public GraphValue Integers(params ReadOnlySpan<long> elements) => Constant(elements, elements.Length);

    /// <summary>Adds a node of the standard operator set with one output.</summary>
    /// <param name="operatorType">The operator.</param>
    /// <param name="inputs">The inputs; null leaves an optional one out.</param>
    /// <param name="attributes">The attributes.</param>
    /// <returns>The output.</returns>
    /// <exception cref="GraphException">The operator has no shape rule, or an input or attribute does not fit it.</exception>
    public GraphValue Node(string operatorType, ReadOnlySpan<GraphValue?> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Node("", operatorType, inputs, 1, attributes)[0];

    /// <summary>Adds a node with any number of outputs.</summary>
    /// <param name="domain">The operator set: empty for the standard's, <see cref="MicrosoftDomain"/> for ONNX Runtime's own.</param>
    /// <param name="operatorType">The operator.</param>
    /// <param name="inputs">The inputs; null leaves an optional one out.</param>
    /// <param name="outputCount">The number of outputs, 1 or more.</param>
    /// <param name="attributes">The attributes.</param>
    /// <returns>The outputs.</returns>
    /// <exception cref="GraphException">The operator has no shape rule, or an input or attribute does not fit it.</exception>
    public GraphValue[] Node(string domain, string operatorType, ReadOnlySpan<GraphValue?> inputs, int outputCount, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentException.ThrowIfNullOrEmpty(operatorType);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputCount, 1);
        domain = OperatorTable.Normalize(domain);
        string scope = CurrentScope;
        string name = Unique(scope.Length == 0 ? operatorType : $"{scope}/{operatorType}");
        var node = new NodeProto { Name = name, OpType = operatorType };
        if (domain.Length > 0)
        {
            node.Domain = domain;
        }

        // Optional inputs left out at the end are not written: ONNX Runtime 1.31.1 crashes at a LayerNormalization with a bias named ''.
        while (inputs is [.., null])
        {
            inputs = inputs[..^1];
        }

        var known = new InferredValue?[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            node.Input.Add(inputs[i]?.Name ?? "");
            known[i] = inputs[i] is { } value ? Describe(value, name) : null;
        }

        foreach ((string attribute, AttributeValue value) in attributes)
        {
            node.Attribute.Add(value.ToProto(attribute));
        }

        OperatorRule rule = FindRule(node);
        var context = new ShapeContext(node, OpsetOf(domain), _strict, known, outputCount);
        context.Run(rule);
        var outputs = new GraphValue[outputCount];
        for (int i = 0; i < outputCount; i++)
        {
            outputs[i] = AddOutput(node, i == 0 ? name : Unique($"{name}:{i}"), context.Outputs[i]);
        }

        _opsets.TryAdd(domain, 1);
        _graph.Node.Add(node);
        return outputs;
    }

    /// <summary>Asks a node for an optional output that it was made without, such as the mean of a LayerNormalization or the mask of a Dropout.</summary>
    /// <param name="output">Any output of the node.</param>
    /// <param name="index">Which output is wanted, from 0.</param>
    /// <returns>That output, new or existing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="output"/> is null.</exception>
    /// <exception cref="GraphException">The value is no node's output, or the operator has no such output.</exception>
    public GraphValue OptionalOutput(GraphValue output, int index)
    {
        ArgumentNullException.ThrowIfNull(output);
        NodeProto node = Producer(output);
        var known = new InferredValue?[node.Input.Count];
        for (int i = 0; i < known.Length; i++)
        {
            known[i] = node.Input[i].Length == 0 ? null : Describe(_values[node.Input[i]], node.Name);
        }

        var context = new ShapeContext(node, OpsetOf(node.Domain), _strict, known, Math.Max(index + 1, node.Output.Count));
        OperatorRule rule = FindRule(node);
        context.Run(rule);
        while (node.Output.Count <= index)
        {
            node.Output.Add("");
        }

        if (node.Output[index].Length == 0)
        {
            // Register adds the name to the node's end; here the place is given.
            string name = Unique($"{node.Name}:{index}");
            node.Output[index] = name;
            _producers.Add(name, node);
            InferredValue inferred = context.Outputs[index];
            Register(new GraphValue(this, name, GraphValueKind.NodeOutput, inferred.Type, inferred.Elements));
        }

        return _values[node.Output[index]];
    }

    /// <summary>The node that produces a value.</summary>
    /// <param name="value">A value of kind <see cref="GraphValueKind.NodeOutput"/>.</param>
    /// <returns>The node; it must not be changed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="GraphException">The value is an input or an initializer.</exception>
    public NodeProto Producer(GraphValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _producers.TryGetValue(value.Name, out NodeProto? node)
            ? node
            : Throw.Graph<NodeProto>($"value '{value.Name}' is produced by no node of this graph; it is of kind {value.Kind}.");
    }

    /// <summary>Finds a value by its name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The value.</returns>
    /// <exception cref="GraphException">There is no such value.</exception>
    public GraphValue Value(string name) => TryGetValue(name, out GraphValue? value)
        ? value!
        : Throw.Graph<GraphValue>($"graph '{_graph.Name}' has no value '{name}'.");

    /// <summary>Finds a value by its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value, or null.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetValue(string name, out GraphValue? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _values.TryGetValue(name, out value);
    }

    /// <summary>The tensor of an initializer.</summary>
    /// <param name="value">A value of kind <see cref="GraphValueKind.Initializer"/>.</param>
    /// <returns>The tensor; it must not be changed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="GraphException">The value is no initializer.</exception>
    public TensorProto InitializerOf(GraphValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _graph.Initializer.FirstOrDefault(tensor => tensor.Name == value.Name)
            ?? Throw.Graph<TensorProto>($"value '{value.Name}' is no initializer; it is of kind {value.Kind}.");
    }

    /// <summary>Makes a value an output of the graph.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">
    /// The name of the output. A node's output is renamed to it; an input, an initializer or a value that is an output already is
    /// passed on by an Identity node. Null keeps the value's name.
    /// </param>
    /// <returns>The output.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="GraphException">The name is taken, or the value is an output already and no name is given.</exception>
    public GraphValue Output(GraphValue value, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        Describe(value, $"output '{name}'");
        bool isOutput = _graph.Output.Any(output => output.Name == value.Name);
        if (name is not null && name != value.Name)
        {
            if (isOutput || value.Kind != GraphValueKind.NodeOutput)
            {
                value = Node("Identity", [value]);
            }

            Rename(value, name);
        }
        else if (isOutput)
        {
            Throw.Graph($"value '{value.Name}' is an output of graph '{_graph.Name}' already. Give the second one another name.");
        }

        _graph.Output.Add(new ValueInfoProto { Name = value.Name, Type = value.Type.ToProto() });
        return value;
    }

    /// <summary>
    /// An int64 vector that holds a shape. Constants stand as they are; each symbol is read off a graph input (or another value)
    /// that has it as an axis.
    /// </summary>
    /// <param name="shape">The shape.</param>
    /// <returns>The value, of rank 1 with one element per axis.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
    /// <exception cref="GraphException">No value has an axis of a symbol that the shape contains, or an axis is unknown.</exception>
    public GraphValue ShapeVector(SymbolicShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.IsConstant)
        {
            return Integers([.. shape.Select(dimension => dimension.Value)]);
        }

        string key = "shapes/" + shape;
        if (_values.TryGetValue(key, out GraphValue? known))
        {
            return known;
        }

        // The vector serves the whole graph, whoever asks for it first.
        List<string> outer = [.. _scopes];
        _scopes.Clear();
        try
        {
            using NameScope scope = Scope("shapes");
            known = JoinDimensions(shape);
        }
        finally
        {
            _scopes.AddRange(outer);
        }

        Rename(known, key);
        return known;
    }

    /// <summary>Makes the model. The builder may be used on; the model does not follow it.</summary>
    /// <returns>The model, whose nodes stand in topological order.</returns>
    /// <exception cref="GraphException">The graph has no output.</exception>
    public ModelProto ToModel()
    {
        if (_graph.Output.Count == 0)
        {
            Throw.Graph($"graph '{_graph.Name}' has no output, expected at least one. Call Output first.");
        }

        if (_origin is not null)
        {
            foreach ((string domain, long version) in _opsets)
            {
                if (!_origin.OpsetImport.Any(import => OperatorTable.Normalize(import.Domain) == domain))
                {
                    _origin.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
                }
            }

            return _origin.Clone();
        }

        var model = new ModelProto
        {
            // What each operator set version came with (opset 17: IR 8 ... opset 24: IR 12); an older IR is read by more runtimes.
            IrVersion = Opset switch { <= 18 => 8, <= 20 => 9, <= 22 => 10, 23 => 11, _ => 12 },
            ProducerName = "GoEmotions.Onnx",
            ProducerVersion = typeof(GraphBuilder).Assembly.GetName().Version?.ToString(3) ?? "",
            Graph = _graph.Clone(),
        };
        foreach ((string domain, long version) in _opsets)
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }

        return model;
    }

    internal int OpsetOf(string domain) => (int)_opsets.GetValueOrDefault(OperatorTable.Normalize(domain), 1);

    internal void EndScope(int depth)
    {
        if (_scopes.Count >= depth)
        {
            _scopes.RemoveRange(depth - 1, _scopes.Count - depth + 1);
        }
    }

    internal static void RequireOpset(int opset)
    {
        if (opset is < MinimalOpset or > MaximalOpset)
        {
            throw new ArgumentOutOfRangeException(nameof(opset), opset, $"opset is {opset}, expected {MinimalOpset} to {MaximalOpset}.");
        }
    }

    private GraphValue JoinDimensions(SymbolicShape shape)
    {
        var parts = new List<GraphValue?>();
        var numbers = new List<long>();
        foreach (Dimension dimension in shape)
        {
            if (dimension.IsConstant)
            {
                numbers.Add(dimension.Value);
                continue;
            }

            FlushNumbers(parts, numbers);
            parts.Add(DimensionVector(dimension));
        }

        FlushNumbers(parts, numbers);
        return parts.Count == 1 ? Node("Identity", [parts[0]]) : Node("Concat", [.. parts], ("axis", 0L));
    }

    private void FlushNumbers(List<GraphValue?> parts, List<long> numbers)
    {
        if (numbers.Count > 0)
        {
            parts.Add(Integers([.. numbers]));
            numbers.Clear();
        }
    }

    // A vector of one element: the size that a symbolic dimension has when the graph runs.
    private GraphValue DimensionVector(Dimension dimension)
    {
        if (dimension.IsUnknown)
        {
            Throw.Graph($"graph '{_graph.Name}': a size that nothing is known of was asked for. Take it from the value itself, by a Shape node.");
        }

        if (FindAxis(dimension) is (GraphValue source, int axis))
        {
            return Node("Shape", [source], ("start", axis), ("end", axis + 1L));
        }

        if (dimension is { Coefficient: 1, Factors: [_] })
        {
            return Throw.Graph<GraphValue>($"graph '{_graph.Name}': no value has an axis of size '{dimension}', expected one to read it from. Declare it on a graph input.");
        }

        GraphValue product = dimension.Coefficient == 1 ? DimensionVector(dimension.Factors[0]) : Integers(dimension.Coefficient);
        foreach (string factor in dimension.Factors.Skip(dimension.Coefficient == 1 ? 1 : 0))
        {
            product = Node("Mul", [product, DimensionVector(factor)]);
        }

        return product;
    }

    private (GraphValue Source, int Axis)? FindAxis(Dimension dimension)
    {
        // Graph inputs come first: reading a size off one of them waits for nothing.
        foreach (GraphValue value in _values.Values.OrderBy(value => value.Kind))
        {
            if (value.Type.Shape is { } shape)
            {
                for (int axis = 0; axis < shape.Rank; axis++)
                {
                    if (shape[axis] == dimension)
                    {
                        return (value, axis);
                    }
                }
            }
        }

        return null;
    }

    private static void RequireCount(string name, int count, ReadOnlySpan<long> dimensions)
    {
        Dimension expected = SymbolicShape.Constant(dimensions).ElementCount;
        if (expected.Value != count)
        {
            Throw.Argument($"'{name}' has {count} elements, expected {expected} for the shape [{string.Join(", ", dimensions.ToArray())}].", nameof(dimensions));
        }
    }

    private static string ConstantName<T>(ReadOnlySpan<T> elements, ReadOnlySpan<long> dimensions)
        where T : unmanaged
    {
        string type = ElementTypes.Of<T>().OnnxName();
        if (elements.Length is 0 or > 6)
        {
            return $"{type}_{string.Join('x', dimensions.ToArray())}";
        }

        string values = string.Join('_', elements.ToArray().Select(element => FormattableString.Invariant($"{element}")));
        return dimensions.IsEmpty ? $"{type}_{values}" : $"{type}_[{values}]";
    }

    private GraphValue AddInitializer(string name, ElementType type, ReadOnlySpan<long> dimensions, ByteString content)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = content };
        tensor.Dims.AddRange(dimensions.ToArray());
        _graph.Initializer.Add(tensor);
        InferredValue described = TensorContent.Describe(tensor);
        return Register(new GraphValue(this, name, GraphValueKind.Initializer, described.Type, described.Elements));
    }

    private GraphValue AddOutput(NodeProto node, string name, InferredValue inferred)
    {
        node.Output.Add(name);
        _producers.Add(name, node);
        return Register(new GraphValue(this, name, GraphValueKind.NodeOutput, inferred.Type, inferred.Elements));
    }

    private GraphValue Register(GraphValue value)
    {
        _values.Add(value.Name, value);
        return value;
    }

    private void Claim(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_names.Add(name))
        {
            Throw.Graph($"graph '{_graph.Name}' has a value or node '{name}' already, expected distinct names.");
        }
    }

    private string Unique(string wanted)
    {
        string name = wanted;
        for (int number = 2; !_names.Add(name); number++)
        {
            name = $"{wanted}_{number}";
        }

        return name;
    }

    private InferredValue Describe(GraphValue value, string user)
    {
        if (!ReferenceEquals(value.Builder, this))
        {
            Throw.Graph($"'{user}' takes '{value.Name}', which belongs to another GraphBuilder, expected a value of graph '{_graph.Name}'.");
        }

        return new InferredValue(value.Type, value.Elements);
    }

    private OperatorRule FindRule(NodeProto node)
    {
        int opset = OpsetOf(node.Domain);
        if (OperatorTable.Find(node.Domain, node.OpType, opset) is { } rule)
        {
            return rule;
        }

        int first = OperatorTable.FirstOpset(node.Domain, node.OpType);
        return Throw.Graph<OperatorRule>(ShapeContext.Describe(node, opset) + (first > 0
            ? $"the operator exists from opset {first} on. Build for opset {first} or later."
            : "there is no shape rule for this operator. Add a row to the table in Shapes/."));
    }

    private void Rename(GraphValue value, string name)
    {
        // A node and its first output share a name; the node keeps it, so it stays claimed.
        Claim(name);
        NodeProto producer = Producer(value);
        foreach (NodeProto node in _graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (node.Input[i] == value.Name)
                {
                    node.Input[i] = name;
                }
            }
        }

        producer.Output[producer.Output.IndexOf(value.Name)] = name;
        _producers.Remove(value.Name);
        _producers.Add(name, producer);
        _values.Remove(value.Name);
        value.Name = name;
        _values.Add(name, value);
    }

    private void TakeOver()
    {
        foreach (OperatorSetIdProto import in _origin!.OpsetImport)
        {
            _opsets[OperatorTable.Normalize(import.Domain)] = import.Version;
        }

        GraphOrder.SortInPlace(_graph);
        var walk = new InferenceWalk(_origin);
        foreach (ValueInfoProto input in _graph.Input)
        {
            Take(input.Name, GraphValueKind.Input, walk);
        }

        foreach (TensorProto initializer in _graph.Initializer)
        {
            if (!_values.ContainsKey(initializer.Name))
            {
                Take(initializer.Name, GraphValueKind.Initializer, walk);
            }
        }

        foreach (NodeProto node in _graph.Node)
        {
            bool hasRule = walk.Visit(node);
            _names.Add(node.Name);
            foreach (string output in node.Output.Where(output => output.Length > 0))
            {
                if (!hasRule && walk.Value(output).Type.ElementType == ElementType.Undefined)
                {
                    Throw.Graph(ShapeContext.Describe(node, OpsetOf(node.Domain)) + $"there is no shape rule for this operator and the model declares no type for '{output}'. Run ONNX's shape inference on the model first.");
                }

                _producers.Add(output, node);
                Take(output, GraphValueKind.NodeOutput, walk);
            }
        }
    }

    private void Take(string name, GraphValueKind kind, InferenceWalk walk)
    {
        InferredValue value = walk.Value(name);
        _names.Add(name);
        Register(new GraphValue(this, name, kind, value.Type, value.Elements));
    }
}
