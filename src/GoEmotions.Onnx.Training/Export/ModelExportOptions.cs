using GoEmotions.Onnx.Graphs;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>What <see cref="ModelExporter"/> writes. Immutable; checked once, when used.</summary>
public sealed record ModelExportOptions
{
    /// <summary>The graphs, with what int8 is calibrated with and judged by; by default for the engine and for other programs.</summary>
    public ServingExportOptions Graphs { get; init; } = new() { Graphs = ExportedGraphs.All };

    /// <summary>The element type of <c>model.safetensors</c>: <see cref="ElementType.Float32"/>, <see cref="ElementType.Float16"/>, or <see langword="null"/> for no such file.</summary>
    public ElementType? WeightType { get; init; } = ElementType.Float32;

    /// <summary>What the model card tells besides the model itself.</summary>
    public ModelCardOptions Card { get; init; } = new();

    /// <summary>Whether a model directory that exists is replaced; a directory that holds anything else never is.</summary>
    public bool Overwrite { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Graphs);
        ArgumentNullException.ThrowIfNull(Card);
        if (WeightType is not (null or ElementType.Float32 or ElementType.Float16))
        {
            Throw.Argument($"the type of the weights is {WeightType}, expected Float32, Float16 or null.", nameof(WeightType));
        }
    }
}
