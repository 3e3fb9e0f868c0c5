using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>What <see cref="ServingExport"/> wrote. Immutable.</summary>
/// <param name="Files">The files written, by their full paths.</param>
/// <param name="Gate">What the gate found of the engine's int8 graph; null where that was not asked for.</param>
public sealed record ServingExportResult(IReadOnlyList<string> Files, QuantizationGateResult? Gate)
{
    /// <summary>What the gate found of other programs' int8 graph; null where that was not asked for.</summary>
    public QuantizationGateResult? PortableGate { get; init; }
}
