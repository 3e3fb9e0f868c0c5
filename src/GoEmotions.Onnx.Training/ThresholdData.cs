namespace GoEmotions.Onnx.Training;

/// <summary>The texts that the thresholds of a trained model are tuned on.</summary>
public enum ThresholdData
{
    /// <summary>The development split, by which the best epoch is chosen, too.</summary>
    Dev,

    /// <summary>A part of the training split that is held back from training, so that figures on the development split stay untuned.</summary>
    HeldOut,

    /// <summary>None: the threshold of every label is 0.5.</summary>
    None,
}
