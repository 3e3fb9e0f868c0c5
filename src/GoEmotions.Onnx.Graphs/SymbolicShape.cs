using System.Collections;
using System.Runtime.CompilerServices;
using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Graphs;

/// <summary>The dimensions of a tensor of known rank, such as <c>[batch, sequence, 768]</c>. Immutable.</summary>
[CollectionBuilder(typeof(SymbolicShape), nameof(Create))]
public sealed class SymbolicShape : IReadOnlyList<Dimension>, IEquatable<SymbolicShape>
{
    private readonly Dimension[] _dimensions;

    private SymbolicShape(Dimension[] dimensions) => _dimensions = dimensions;

    /// <summary>The shape of a single element: no dimension.</summary>
    public static SymbolicShape Scalar { get; } = new([]);

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dimensions.Length;

    /// <summary>Whether every dimension is a number.</summary>
    public bool IsConstant => Array.TrueForAll(_dimensions, d => d.IsConstant);

    /// <summary>The number of elements: the product of all dimensions, 1 for a scalar.</summary>
    public Dimension ElementCount
    {
        get
        {
            Dimension count = 1;
            foreach (Dimension dimension in _dimensions)
            {
                count *= dimension;
            }

            return count;
        }
    }

    int IReadOnlyCollection<Dimension>.Count => _dimensions.Length;

    /// <summary>The dimension of an axis.</summary>
    /// <param name="axis">From 0 to <see cref="Rank"/>, exclusive.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="axis"/> is outside that range.</exception>
    public Dimension this[int axis] => _dimensions[axis];

    /// <summary>Makes a shape of its dimensions, outermost first.</summary>
    /// <param name="dimensions">The dimensions.</param>
    /// <returns>The shape.</returns>
    public static SymbolicShape Create(params ReadOnlySpan<Dimension> dimensions) =>
        dimensions.IsEmpty ? Scalar : new(dimensions.ToArray());

    /// <summary>Makes a shape of constant dimensions, outermost first.</summary>
    /// <param name="dimensions">Each 0 or more.</param>
    /// <returns>The shape.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    public static SymbolicShape Constant(params ReadOnlySpan<long> dimensions)
    {
        var result = new Dimension[dimensions.Length];
        for (int axis = 0; axis < result.Length; axis++)
        {
            result[axis] = dimensions[axis];
        }

        return new SymbolicShape(result);
    }

    /// <summary>The dimensions as a span.</summary>
    /// <returns>A view of this immutable shape.</returns>
    public ReadOnlySpan<Dimension> AsSpan() => _dimensions;

    /// <inheritdoc/>
    public IEnumerator<Dimension> GetEnumerator() => ((IEnumerable<Dimension>)_dimensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _dimensions.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(SymbolicShape? other) => other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SymbolicShape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (Dimension dimension in _dimensions)
        {
            hash.Add(dimension);
        }

        return hash.ToHashCode();
    }

    /// <summary>The text of the shape.</summary>
    /// <returns>For example <c>[batch, sequence, 768]</c>.</returns>
    public override string ToString() => $"[{string.Join(", ", _dimensions)}]";

    internal static SymbolicShape Unknown(int rank)
    {
        var dimensions = new Dimension[rank];
        Array.Fill(dimensions, Dimension.Unknown);
        return new SymbolicShape(dimensions);
    }

    internal static SymbolicShape FromProto(TensorShapeProto proto)
    {
        var dimensions = new Dimension[proto.Dim.Count];
        for (int axis = 0; axis < dimensions.Length; axis++)
        {
            TensorShapeProto.Types.Dimension dim = proto.Dim[axis];
            dimensions[axis] = dim.HasDimValue && dim.DimValue >= 0 ? Dimension.Constant(dim.DimValue)
                : dim.HasDimParam && dim.DimParam.Length > 0 ? Dimension.Symbol(dim.DimParam)
                : Dimension.Unknown;
        }

        return new SymbolicShape(dimensions);
    }

    internal TensorShapeProto ToProto()
    {
        var proto = new TensorShapeProto();
        foreach (Dimension dimension in _dimensions)
        {
            proto.Dim.Add(
                dimension.IsConstant ? new TensorShapeProto.Types.Dimension { DimValue = dimension.Value }
                : dimension.IsUnknown ? new TensorShapeProto.Types.Dimension()
                : new TensorShapeProto.Types.Dimension { DimParam = dimension.ToString() });
        }

        return proto;
    }

    internal SymbolicShape With(int axis, Dimension dimension)
    {
        var dimensions = (Dimension[])_dimensions.Clone();
        dimensions[axis] = dimension;
        return new SymbolicShape(dimensions);
    }
}
