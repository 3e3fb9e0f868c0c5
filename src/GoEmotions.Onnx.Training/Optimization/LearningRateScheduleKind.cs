namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum LearningRateScheduleKind
{
    /// <summary>It stays at its peak.</summary>
    Constant,

    /// <summary>It falls in a straight line to 0 at the last step.</summary>
    Linear,

    /// <summary>It falls along half a cosine to 0 at the last step (Loshchilov and Hutter 2017, SGDR, equation 5, without restarts).</summary>
    Cosine,
}
