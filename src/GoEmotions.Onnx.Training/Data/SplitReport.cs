namespace GoEmotions.Onnx.Training.Data;

/// <summary>How the examples were divided.</summary>
public sealed record SplitReport
{
    /// <summary><c>random</c>, <c>stratified</c>, or <c>given</c> for a development set with a file of its own.</summary>
    public required string Method { get; init; }

    /// <summary>The seed of the sample and the split.</summary>
    public required long Seed { get; init; }

    /// <summary>The number of examples drawn before the split, or <see langword="null"/> for all of them.</summary>
    public int? Sample { get; init; }

    /// <summary>The number of training examples.</summary>
    public required int Train { get; init; }

    /// <summary>The number of development examples.</summary>
    public required int Dev { get; init; }

    /// <summary>The number of test examples, or <see langword="null"/> without a test set.</summary>
    public int? Test { get; init; }

    /// <summary>Positive examples of each label in the training set.</summary>
    public required IReadOnlyDictionary<string, int> TrainLabels { get; init; }

    /// <summary>Positive examples of each label in the development set.</summary>
    public required IReadOnlyDictionary<string, int> DevLabels { get; init; }
}
