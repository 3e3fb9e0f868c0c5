namespace GoEmotions.Onnx.Graphs;

/// <summary>
/// A value of a graph under construction: a graph input, an initializer or the output of a node. Made by
/// <see cref="GraphBuilder"/> alone and of use with that builder only.
/// </summary>
public sealed class GraphValue
{
    private readonly TensorType _type;

    internal GraphValue(GraphBuilder builder, string name, GraphValueKind kind, TensorType type, Dimension[]? elements = null)
    {
        Builder = builder;
        Name = name;
        Kind = kind;
        _type = type;
        Elements = elements;
    }

    /// <summary>The unique name of the value in its graph.</summary>
    public string Name { get; internal set; }

    /// <summary>What produces the value.</summary>
    public GraphValueKind Kind { get; }

    /// <summary>The element type.</summary>
    public ElementType ElementType => _type.ElementType;

    /// <summary>Element type and shape together; the shape is null where the rank is not known.</summary>
    public TensorType Type => _type;

    /// <summary>The shape.</summary>
    /// <exception cref="GraphException">Not even the rank is known (the result of a Reshape to a shape of unknown length, for example).</exception>
    public SymbolicShape Shape => _type.Shape ?? Throw.Graph<SymbolicShape>($"the rank of value '{Name}' is not known, so it has no shape; ask Type.Shape where that may happen.");

    /// <summary>The number of dimensions.</summary>
    /// <exception cref="GraphException">The rank is not known.</exception>
    public int Rank => Shape.Rank;

    internal GraphBuilder Builder { get; }

    /// <summary>The elements of a small integer tensor that shapes are computed with, where they are known.</summary>
    internal Dimension[]? Elements { get; }

    /// <summary>Name and type.</summary>
    /// <returns>For example <c>logits: float[batch, 28]</c>.</returns>
    public override string ToString() => $"{Name}: {_type}";
}
