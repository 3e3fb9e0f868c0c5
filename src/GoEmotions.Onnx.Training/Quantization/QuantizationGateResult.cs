using System.Globalization;

namespace GoEmotions.Onnx.Training.Quantization;

/// <summary>What a <see cref="QuantizationGate"/> found. Immutable.</summary>
public sealed record QuantizationGateResult
{
    /// <summary>The gate that judged.</summary>
    public required QuantizationGate Gate { get; init; }

    /// <summary>The number of labelled texts.</summary>
    public required int Rows { get; init; }

    /// <summary>Macro F1 of float32, in [0, 1].</summary>
    public required double ReferenceMacroF1 { get; init; }

    /// <summary>Micro F1 of float32, in [0, 1].</summary>
    public required double ReferenceMicroF1 { get; init; }

    /// <summary>Macro F1 of the variant, in [0, 1].</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Micro F1 of the variant, in [0, 1].</summary>
    public required double MicroF1 { get; init; }

    /// <summary>The mean of the logits' absolute differences.</summary>
    public required double MeanLogitError { get; init; }

    /// <summary>The largest of the logits' absolute differences.</summary>
    public required double LargestLogitError { get; init; }

    /// <summary>What macro F1 loses; negative where the variant gains.</summary>
    public double MacroF1Loss => ReferenceMacroF1 - MacroF1;

    /// <summary>What micro F1 loses; negative where the variant gains.</summary>
    public double MicroF1Loss => ReferenceMicroF1 - MicroF1;

    /// <summary>Whether neither loses more than the gate allows.</summary>
    public bool Passed => MacroF1Loss <= Gate.MaxMacroF1Loss && MicroF1Loss <= Gate.MaxMicroF1Loss;

    /// <summary>The finding in one sentence.</summary>
    /// <returns>Both F1s beside those of float32, the limits, and whether it passed.</returns>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Passed ? "passed" : "failed")}: macro F1 {MacroF1:0.0000} against {ReferenceMacroF1:0.0000} (loses {MacroF1Loss:0.0000}, allowed {Gate.MaxMacroF1Loss}), micro F1 {MicroF1:0.0000} against {ReferenceMicroF1:0.0000} (loses {MicroF1Loss:0.0000}, allowed {Gate.MaxMicroF1Loss}) on {Rows} texts; logits differ by {MeanLogitError:0.0000} on average, {LargestLogitError:0.0000} at most");
}
