using System.Collections;
using System.Diagnostics.CodeAnalysis;
using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>The parameters of a model by name, in a fixed order. Its members do not change; their values may. Safe for concurrent reading.</summary>
public sealed class ParameterSet : IReadOnlyCollection<Parameter>
{
    private readonly Parameter[] _parameters;
    private readonly Dictionary<string, Parameter> _byName;

    /// <summary>Makes a set.</summary>
    /// <param name="parameters">The parameters, with distinct names.</param>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="ArgumentException">Two parameters have one name.</exception>
    public ParameterSet(params IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _parameters = [.. parameters];
        _byName = new Dictionary<string, Parameter>(_parameters.Length, StringComparer.Ordinal);
        foreach (Parameter parameter in _parameters)
        {
            if (!_byName.TryAdd(parameter.Name, parameter))
            {
                Throw.Argument($"parameter '{parameter.Name}' stands twice, expected distinct names.", nameof(parameters));
            }
        }
    }

    /// <summary>The number of parameters (tensors).</summary>
    public int Count => _parameters.Length;

    /// <summary>The number of elements of all parameters together.</summary>
    public long ElementCount => _parameters.Sum(parameter => (long)parameter.Values.Length);

    /// <summary>The parameter of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Parameter this[string name] => TryGet(name, out Parameter? parameter)
        ? parameter
        : throw new ArgumentException($"there is no parameter '{name}' among {Count}.", nameof(name));

    /// <summary>Makes a set of zeros, one array for each parameter.</summary>
    /// <param name="specs">The parameters.</param>
    /// <returns>The set.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="specs"/> is null.</exception>
    public static ParameterSet Allocate(IEnumerable<ParameterSpec> specs)
    {
        ArgumentNullException.ThrowIfNull(specs);
        return new ParameterSet(specs.Select(spec => new Parameter(spec.Name, spec.Shape, new float[spec.ElementCount])));
    }

    /// <summary>Finds a parameter.</summary>
    /// <param name="name">The name.</param>
    /// <param name="parameter">The parameter, or null.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(string name, [NotNullWhen(true)] out Parameter? parameter)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _byName.TryGetValue(name, out parameter);
    }

    /// <inheritdoc/>
    public IEnumerator<Parameter> GetEnumerator() => ((IEnumerable<Parameter>)_parameters).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _parameters.GetEnumerator();
}
