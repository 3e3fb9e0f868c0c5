namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>How <see cref="ServingGraph"/> builds. Immutable.</summary>
public sealed record ServingGraphOptions
{
    /// <summary>How the texts of a batch are laid out.</summary>
    public ServingForm Form { get; init; } = ServingForm.Packed;

    /// <summary>What is computed with.</summary>
    public ServingPrecision Precision { get; init; } = ServingPrecision.Float32;

    /// <summary>Ranges and choices of <see cref="ServingPrecision.Int8"/>; null for the others.</summary>
    public QuantizationOptions? Quantization { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(Form) || !Enum.IsDefined(Precision))
        {
            Throw.Argument($"form is {Form} and precision {Precision}, expected members of their enumerations.", nameof(Form));
        }

        if (Precision == ServingPrecision.Int8 != Quantization is not null)
        {
            Throw.Argument($"precision is {Precision} and Quantization is {(Quantization is null ? "null" : "given")}, expected one for Int8 and for no other precision. Calibrate to get the ranges.", nameof(Quantization));
        }

        if (Quantization is { WeightBits: not (7 or 8) })
        {
            Throw.Argument($"WeightBits is {Quantization.WeightBits}, expected 7 or 8.", nameof(Quantization));
        }
    }
}
