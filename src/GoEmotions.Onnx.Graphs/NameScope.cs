namespace GoEmotions.Onnx.Graphs;

/// <summary>A scope of <see cref="GraphBuilder.Scope"/>; disposing it ends the scope and all within.</summary>
public readonly struct NameScope : IDisposable, IEquatable<NameScope>
{
    private readonly GraphBuilder? _builder;
    private readonly int _depth;

    internal NameScope(GraphBuilder builder, int depth)
    {
        _builder = builder;
        _depth = depth;
    }

    /// <summary>Whether both are the same scope.</summary>
    /// <param name="left">One scope.</param>
    /// <param name="right">The other scope.</param>
    public static bool operator ==(NameScope left, NameScope right) => left.Equals(right);

    /// <summary>Whether both are different scopes.</summary>
    /// <param name="left">One scope.</param>
    /// <param name="right">The other scope.</param>
    public static bool operator !=(NameScope left, NameScope right) => !left.Equals(right);

    /// <summary>Ends the scope.</summary>
    public void Dispose() => _builder?.EndScope(_depth);

    /// <inheritdoc/>
    public bool Equals(NameScope other) => ReferenceEquals(_builder, other._builder) && _depth == other._depth;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NameScope other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_builder, _depth);
}
