namespace GoEmotions.Onnx.Training.Quantization;

/// <summary>How the range of an activation is chosen from the values observed. <c>docs/serving.md</c> compares them.</summary>
public enum CalibrationMethod
{
    /// <summary>From the lowest to the highest value: nothing is cut, and one outlier makes all steps coarse.</summary>
    MinMax,

    /// <summary>Without a given share of the values at each end.</summary>
    Percentile,

    /// <summary>The range whose codes have the least Kullback-Leibler divergence from the values (Migacz, GTC 2017), ends cut by equal shares.</summary>
    Entropy,
}
