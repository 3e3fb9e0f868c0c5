using System.Diagnostics.CodeAnalysis;

namespace GoEmotions.Onnx;

/// <summary>Which of a model directory's graphs is run.</summary>
public enum ModelVariant
{
    /// <summary>
    /// The fastest that gives what the model was measured with: on the CPU <c>onnx/serving_int8.onnx</c> where it is there and
    /// the processor multiplies its bytes exactly, else <c>onnx/serving.onnx</c>, else <c>onnx/model.onnx</c>; on CUDA
    /// <c>onnx/serving_fp16.onnx</c>, <c>onnx/serving.onnx</c> or <c>onnx/model.onnx</c>.
    /// </summary>
    Auto,

    /// <summary><c>onnx/serving.onnx</c>, or <c>onnx/model.onnx</c> where it is missing.</summary>
    Fp32,

    /// <summary><c>onnx/serving_int8.onnx</c>, or <c>onnx/model_quantized.onnx</c> where it is missing.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "What everybody calls such a model; no other name is understood.")]
    Int8,

    /// <summary><c>onnx/serving_fp16.onnx</c>, or <c>onnx/model_fp16.onnx</c> where it is missing. For CUDA: on the CPU it is slower than <see cref="Fp32"/>.</summary>
    Fp16,
}
