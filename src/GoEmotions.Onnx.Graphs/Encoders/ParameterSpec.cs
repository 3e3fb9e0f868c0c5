namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>What is known of a parameter before it has a value. Immutable.</summary>
/// <param name="Name">Its name in a Hugging Face checkpoint, such as <c>bert.encoder.layer.0.attention.self.query.weight</c>.</param>
/// <param name="Shape">Its shape; weights of linear layers are <c>[out, in]</c>, as in PyTorch.</param>
/// <param name="Initialization">How it starts when it is not read from a checkpoint.</param>
/// <param name="Role">The part of the classifier that it belongs to.</param>
/// <param name="LayerIndex">The encoder layer, from 0; -1 outside the encoder layers.</param>
/// <param name="TakesWeightDecay">Whether AdamW's weight decay applies: not to biases and layer normalizations.</param>
public sealed record ParameterSpec(
    string Name,
    IReadOnlyList<long> Shape,
    ParameterInitialization Initialization,
    ParameterRole Role,
    int LayerIndex,
    bool TakesWeightDecay)
{
    /// <summary>The number of elements.</summary>
    public long ElementCount { get; } = Shape.Aggregate(1L, (product, size) => checked(product * size));
}
