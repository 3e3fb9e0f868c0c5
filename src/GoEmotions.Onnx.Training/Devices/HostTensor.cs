using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>Tensors over memory of the host.</summary>
internal static class HostTensor
{
    /// <summary>A view of elements, which are not copied; the memory must outlive it.</summary>
    public static OrtValue View(TensorElementType type, nint address, long[] shape) => View(OrtMemoryInfo.DefaultInstance, type, address, shape);

    public static OrtValue View(OrtMemoryInfo memory, TensorElementType type, nint address, long[] shape)
    {
        long size = type == TensorElementType.Int64 ? sizeof(long) : sizeof(float);
        foreach (long dimension in shape)
        {
            size *= dimension;
        }

        return OrtValue.CreateTensorValueWithData(memory, type, shape, address, size);
    }
}
