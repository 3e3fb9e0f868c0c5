using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>What <see cref="ModelExporter"/> wrote. Immutable.</summary>
/// <param name="Files">The files and their sizes in bytes, by their paths in the directory, in ordinal order.</param>
/// <param name="Gate">What the gate found of the engine's int8 graph; null where that was not asked for.</param>
/// <param name="PortableGate">What the gate found of other programs' int8 graph; null where that was not asked for.</param>
public sealed record ModelExportResult(IReadOnlyList<KeyValuePair<string, long>> Files, QuantizationGateResult? Gate, QuantizationGateResult? PortableGate);
