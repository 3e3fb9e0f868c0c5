using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>What <see cref="ServingExport"/> writes. Immutable; checked once, when used.</summary>
public sealed record ServingExportOptions
{
    /// <summary>The variants, each once.</summary>
    public IReadOnlyList<ServingPrecision> Variants { get; init; } = [ServingPrecision.Float32, ServingPrecision.Int8];

    /// <summary>For whom each variant is written; by default for the engine.</summary>
    public ExportedGraphs Graphs { get; init; } = ExportedGraphs.Serving;

    /// <summary>Texts of the training data to calibrate int8 with; needed for that variant alone.</summary>
    public IReadOnlyList<string> CalibrationTexts { get; init; } = [];

    /// <summary>The labelled texts (development split) that the gate judges int8 by; needed for that variant alone.</summary>
    public EmotionDataset? GateDataset { get; init; }

    /// <summary>How int8 is calibrated.</summary>
    public CalibrationOptions Calibration { get; init; } = new();

    /// <summary>What int8 may lose.</summary>
    public QuantizationGate Gate { get; init; } = new();

    internal IEnumerable<ServingForm> Forms =>
        from known in new[] { (Form: ServingForm.Packed, Graphs: ExportedGraphs.Serving), (Form: ServingForm.Masked, Graphs: ExportedGraphs.Portable) }
        where Graphs.HasFlag(known.Graphs)
        select known.Form;

    internal void Validate(EmotionLabels labels)
    {
        if (Graphs is < ExportedGraphs.Serving or > ExportedGraphs.All)
        {
            Throw.Argument($"the graphs are {Graphs}, expected {ExportedGraphs.Serving}, {ExportedGraphs.Portable} or both.", nameof(Graphs));
        }

        if (Variants.Count == 0 || Variants.Distinct().Count() != Variants.Count || !Variants.All(Enum.IsDefined))
        {
            Throw.Argument($"the variants are [{string.Join(", ", Variants)}], expected one or more of {string.Join(", ", Enum.GetNames<ServingPrecision>())}, each once.", nameof(Variants));
        }

        if (!Variants.Contains(ServingPrecision.Int8))
        {
            return;
        }

        if (CalibrationTexts.Count == 0)
        {
            Throw.Argument("there are no calibration texts, expected some hundreds of the training data for int8. Give them, or leave int8 out.", nameof(CalibrationTexts));
        }

        if (GateDataset is null || GateDataset.Count == 0 || !GateDataset.Labels.Equals(labels))
        {
            Throw.Argument($"the gate's data set has {GateDataset?.Count ?? 0} texts and {GateDataset?.Labels.Count ?? 0} labels, expected at least one text and the model's {labels.Count} labels in their order. Give the development split, or leave int8 out.", nameof(GateDataset));
        }
    }
}
