using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Graphs.Tests;

/// <summary>An output of a run, copied out of the runtime.</summary>
internal sealed record OrtResult(TensorElementType ElementType, long[] Shape, float[] Floats)
{
    public static OrtResult Copy(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return new OrtResult(
            info.ElementDataType,
            info.Shape,
            info.ElementDataType == TensorElementType.Float ? value.GetTensorDataAsSpan<float>().ToArray() : []);
    }
}
