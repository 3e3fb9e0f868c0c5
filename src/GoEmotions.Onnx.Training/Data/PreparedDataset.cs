namespace GoEmotions.Onnx.Training.Data;

/// <summary>A data set ready to train on, and the account of how it came about.</summary>
/// <param name="Split">The examples.</param>
/// <param name="Report">What was read, kept, dropped and divided, with warnings.</param>
public sealed record PreparedDataset(DatasetSplit Split, DataReport Report);
