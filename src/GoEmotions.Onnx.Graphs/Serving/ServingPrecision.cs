using System.Diagnostics.CodeAnalysis;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>What a serving graph computes with. Logits are float32 in every case.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The members are element types; any other name would hide which.")]
public enum ServingPrecision
{
    /// <summary>float32 throughout.</summary>
    Float32,

    /// <summary>
    /// Linear layers as products of uint8 activations, with ranges that are fixed in the graph, and int8 weights with a scale per
    /// column; everything else in float32.
    /// </summary>
    Int8,

    /// <summary>Weights and activations in float16; the sums of layer normalizations and the softmax in float32.</summary>
    Float16,
}
