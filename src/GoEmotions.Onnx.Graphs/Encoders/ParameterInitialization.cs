namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>How a parameter starts when it is not read from a checkpoint.</summary>
public enum ParameterInitialization
{
    /// <summary>Normal with mean 0 and the configuration's <c>initializer_range</c> as standard deviation.</summary>
    Normal,

    /// <summary>As <see cref="Normal"/>, but the row of the padding token is zero, as <c>transformers</c> leaves it.</summary>
    NormalWithZeroPaddingRow,

    /// <summary>All zero.</summary>
    Zero,

    /// <summary>All one.</summary>
    One,
}
