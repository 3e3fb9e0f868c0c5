namespace GoEmotions.Onnx.Training;

/// <summary>One of the flat blocks of <see cref="ParameterBuffers"/>.</summary>
public enum ParameterBlock
{
    /// <summary>The parameters.</summary>
    Weights,

    /// <summary>The gradients of the trained parameters.</summary>
    Gradients,

    /// <summary>AdamW's first moments.</summary>
    FirstMoments,

    /// <summary>AdamW's second moments.</summary>
    SecondMoments,
}
