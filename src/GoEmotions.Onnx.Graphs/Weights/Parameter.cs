namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>A named float32 tensor. The values may be a view into a larger buffer, which their owner keeps alive.</summary>
public sealed class Parameter
{
    private readonly long[] _shape;

    /// <summary>Makes a parameter over values, which are not copied.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">Its values, row-major.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty, or the number of values is not the product of the shape.</exception>
    public Parameter(string name, IEnumerable<long> shape, Memory<float> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        _shape = [.. shape];
        Dimension expected = SymbolicShape.Constant(_shape).ElementCount;
        if (expected != Dimension.Constant(values.Length))
        {
            Throw.Argument($"parameter '{name}' has {values.Length} values, expected {expected} for the shape [{string.Join(", ", _shape)}].", nameof(values));
        }

        Name = name;
        Values = values;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its shape.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>Its values, row-major; writing to them changes the parameter.</summary>
    public Memory<float> Values { get; }
}
