using System.Globalization;
using System.Text.RegularExpressions;

namespace GoEmotions.Onnx.Graphs;

/// <summary>
/// One dimension of a shape: a constant, a symbol such as <c>batch</c>, a product such as <c>12*batch*sequence</c>,
/// or unknown. Immutable.
/// </summary>
public readonly partial struct Dimension : IEquatable<Dimension>
{
    // A constant has no factors; an unknown dimension has the factors UnknownFactors.
    private static readonly string[] UnknownFactors = ["?"];
    private readonly long _coefficient;
    private readonly string[]? _factors;

    private Dimension(long coefficient, string[]? factors)
    {
        _coefficient = coefficient;
        _factors = coefficient == 0 || factors is { Length: 0 } ? null : factors;
    }

    /// <summary>A dimension of which nothing is known.</summary>
    public static Dimension Unknown { get; } = new(1, UnknownFactors);

    /// <summary>Whether the dimension is a number.</summary>
    public bool IsConstant => _factors is null;

    /// <summary>Whether the dimension is a symbol or a product with a symbol.</summary>
    public bool IsSymbolic => _factors is not null && !IsUnknown;

    /// <summary>Whether nothing is known of the dimension.</summary>
    public bool IsUnknown => ReferenceEquals(_factors, UnknownFactors);

    /// <summary>Whether the dimension is the constant 1, which broadcasts.</summary>
    public bool IsOne => _factors is null && _coefficient == 1;

    /// <summary>The number of a constant dimension.</summary>
    /// <exception cref="InvalidOperationException">The dimension is not constant.</exception>
    public long Value => IsConstant ? _coefficient : throw new InvalidOperationException($"dimension '{this}' is not constant; ask IsConstant first.");

    /// <summary>The symbols whose product, times <see cref="Coefficient"/>, the dimension is; empty for a constant.</summary>
    public IReadOnlyList<string> Factors => IsSymbolic ? _factors! : [];

    /// <summary>The number by which the symbols are multiplied; the value of a constant.</summary>
    public long Coefficient => _coefficient;

    /// <summary>A constant dimension.</summary>
    /// <param name="value">0 or more.</param>
    /// <returns>The dimension.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is negative.</exception>
    public static Dimension Constant(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new Dimension(value, null);
    }

    /// <summary>A symbolic dimension as its text in an ONNX file (<c>dim_param</c>).</summary>
    /// <param name="text">A name, a product of a number and names, or any other text, which is then one opaque symbol.</param>
    /// <returns>The dimension.</returns>
    /// <exception cref="ArgumentException"><paramref name="text"/> is null or empty.</exception>
    public static Dimension Symbol(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (text == "?")
        {
            return Unknown;
        }

        if (!ProductPattern().IsMatch(text))
        {
            return new Dimension(1, [text]);
        }

        string[] factors = text.Split('*');
        long coefficient = 1;
        if (long.TryParse(factors[0], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            coefficient = number;
            factors = factors[1..];
        }

        Array.Sort(factors, StringComparer.Ordinal);
        return new Dimension(coefficient, factors);
    }

    /// <summary>A constant dimension.</summary>
    /// <param name="value">0 or more.</param>
    public static implicit operator Dimension(long value) => Constant(value);

    /// <summary>A symbolic dimension.</summary>
    /// <param name="symbol">Its name.</param>
    public static implicit operator Dimension(string symbol) => Symbol(symbol);

    /// <summary>The product of two dimensions; unknown when one of them is.</summary>
    /// <param name="left">One dimension.</param>
    /// <param name="right">The other dimension.</param>
    /// <returns>The product.</returns>
    public static Dimension operator *(Dimension left, Dimension right) => Multiply(left, right);

    /// <summary>Whether two dimensions are written alike.</summary>
    /// <param name="left">One dimension.</param>
    /// <param name="right">The other dimension.</param>
    public static bool operator ==(Dimension left, Dimension right) => left.Equals(right);

    /// <summary>Whether two dimensions are written differently.</summary>
    /// <param name="left">One dimension.</param>
    /// <param name="right">The other dimension.</param>
    public static bool operator !=(Dimension left, Dimension right) => !left.Equals(right);

    /// <summary>The product of two dimensions; unknown when one of them is.</summary>
    /// <param name="left">One dimension.</param>
    /// <param name="right">The other dimension.</param>
    /// <returns>The product.</returns>
    public static Dimension Multiply(Dimension left, Dimension right)
    {
        if (left.IsUnknown || right.IsUnknown)
        {
            return Unknown;
        }

        // A product that no 64-bit number holds is of no use as a size.
        Int128 coefficient = (Int128)left._coefficient * right._coefficient;
        if (coefficient != (long)coefficient)
        {
            return Unknown;
        }

        string[] factors = [.. left._factors ?? [], .. right._factors ?? []];
        Array.Sort(factors, StringComparer.Ordinal);
        return new Dimension((long)coefficient, factors);
    }

    /// <summary>Divides where the quotient is exact whatever the symbols stand for (each at least 1).</summary>
    /// <param name="divisor">The divisor.</param>
    /// <param name="quotient">The quotient, or <see cref="Unknown"/>.</param>
    /// <returns>Whether there is an exact quotient.</returns>
    public bool TryDivide(Dimension divisor, out Dimension quotient)
    {
        quotient = Unknown;
        if (IsUnknown || divisor.IsUnknown || divisor._coefficient <= 0 || _coefficient % divisor._coefficient != 0)
        {
            return false;
        }

        var rest = new List<string>(_factors ?? []);
        foreach (string factor in divisor._factors ?? [])
        {
            if (!rest.Remove(factor))
            {
                return false;
            }
        }

        quotient = new Dimension(_coefficient / divisor._coefficient, [.. rest]);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Dimension other) =>
        _coefficient == other._coefficient && _factors.AsSpan().SequenceEqual(other._factors);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Dimension other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(_coefficient);
        foreach (string factor in _factors ?? [])
        {
            hash.Add(factor, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <summary>The text of the dimension: a number, <c>batch</c>, <c>12*batch*sequence</c>, or <c>?</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        string number = _coefficient.ToString(CultureInfo.InvariantCulture);
        return _factors is null ? number : (_coefficient == 1 ? "" : number + "*") + string.Join('*', _factors);
    }

    /// <summary>An element of an integer tensor that a shape is computed with; -1 and 0 have their meaning in Reshape.</summary>
    internal static Dimension Element(long value) => new(value, null);

    internal static Dimension Add(Dimension left, Dimension right)
    {
        if (left.IsUnknown || right.IsUnknown)
        {
            return Unknown;
        }

        if (left._factors.AsSpan().SequenceEqual(right._factors))
        {
            return new Dimension(left._coefficient + right._coefficient, left._factors);
        }

        return left is { IsConstant: true, _coefficient: 0 } ? right
            : right is { IsConstant: true, _coefficient: 0 } ? left
            : new Dimension(1, [$"({left} + {right})"]);
    }

    [GeneratedRegex(@"^([0-9]+\*)?[A-Za-z_][A-Za-z_0-9.]*(\*[A-Za-z_][A-Za-z_0-9.]*)*$")]
    private static partial Regex ProductPattern();
}
