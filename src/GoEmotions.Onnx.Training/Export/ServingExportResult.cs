using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>What <see cref="ServingExport"/> wrote. Immutable.</summary>
/// <param name="Files">The files written, by their full paths.</param>
/// <param name="Gate">What the gate found of int8; null where int8 was not asked for.</param>
public sealed record ServingExportResult(IReadOnlyList<string> Files, QuantizationGateResult? Gate);
