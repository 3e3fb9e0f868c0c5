namespace GoEmotions.Onnx.Training.Quantization;

/// <summary>How activations are calibrated. Checked once, when used.</summary>
public sealed record CalibrationOptions
{
    /// <summary>How ranges are chosen.</summary>
    public CalibrationMethod Method { get; init; } = CalibrationMethod.MinMax;

    /// <summary>The percentage of the values that lies below the upper end (and above the lower one) with <see cref="CalibrationMethod.Percentile"/>, in (50, 100].</summary>
    public double Percentile { get; init; } = 99.99;

    /// <summary>The most texts that are used, from the first on.</summary>
    public int MaxTexts { get; init; } = 512;

    /// <summary>The longest text in tokens; longer ones are cut.</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>7 or 8; see <see cref="Graphs.Serving.QuantizationOptions.WeightBits"/>.</summary>
    public int WeightBits { get; init; } = 7;

    /// <summary>The threads; <see langword="null"/> for the processors that this process may use.</summary>
    public int? Threads { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(Method) || !(Percentile is > 50 and <= 100) || MaxTexts < 1 || MaxLength < 2 || WeightBits is not (7 or 8) || Threads < 1)
        {
            Throw.Argument($"the options are {this}, expected a known Method, a Percentile above 50 and at most 100, MaxTexts of 1 or more, MaxLength of 2 or more, WeightBits of 7 or 8 and Threads of 1 or more.", nameof(CalibrationOptions));
        }
    }

    internal string Describe(int texts)
    {
        string method = Method switch
        {
            CalibrationMethod.Percentile => FormattableString.Invariant($"percentile {Percentile}"),
            CalibrationMethod.Entropy => "entropy",
            _ => "min-max",
        };
        return $"{method} of {texts} texts";
    }
}
