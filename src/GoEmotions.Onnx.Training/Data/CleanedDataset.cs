namespace GoEmotions.Onnx.Training.Data;

/// <summary>A data set and the account of how it came about.</summary>
/// <param name="Dataset">The examples kept.</param>
/// <param name="Report">What was read, kept and dropped.</param>
public sealed record CleanedDataset(EmotionDataset Dataset, DataReport Report);
