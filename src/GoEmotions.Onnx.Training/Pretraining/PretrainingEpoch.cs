namespace GoEmotions.Onnx.Training.Pretraining;

/// <summary>What an epoch of pre-training came to.</summary>
/// <param name="EpochNumber">The epoch, from 1.</param>
/// <param name="Loss">The mean cross-entropy of the hidden tokens in nats, over all steps of the epoch. Other tokens are hidden each time, so that it is near the loss on new texts while the epochs are few.</param>
/// <param name="MaskedCount">The number of tokens that were hidden and predicted.</param>
/// <param name="TrainingTime">The time of the epoch's steps.</param>
public sealed record PretrainingEpoch(int EpochNumber, double Loss, long MaskedCount, TimeSpan TrainingTime);
