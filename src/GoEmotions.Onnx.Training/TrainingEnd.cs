namespace GoEmotions.Onnx.Training;

/// <summary>Why a training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All steps are taken.</summary>
    AllSteps,

    /// <summary>As many evaluations in a row as <see cref="TrainingOptions.Patience"/> says were no better than the best.</summary>
    Patience,

    /// <summary>It was cancelled, and can go on from where it stands.</summary>
    Cancelled,
}
