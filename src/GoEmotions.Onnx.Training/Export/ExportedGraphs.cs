namespace GoEmotions.Onnx.Training.Export;

/// <summary>For whom graphs are written; flags.</summary>
[Flags]
public enum ExportedGraphs
{
    /// <summary>No graph.</summary>
    None = 0,

    /// <summary>The engine's: <c>serving.onnx</c>, <c>serving_int8.onnx</c>, <c>serving_fp16.onnx</c>.</summary>
    Serving = 1,

    /// <summary>Other programs', of standard operators: <c>model.onnx</c>, <c>model_quantized.onnx</c>, <c>model_fp16.onnx</c>.</summary>
    Portable = 2,

    /// <summary>Both.</summary>
    All = Serving | Portable,
}
