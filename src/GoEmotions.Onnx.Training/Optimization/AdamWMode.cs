namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>The two forms of AdamW that are in use. They differ in where epsilon is added and when the weights decay.</summary>
public enum AdamWMode
{
    /// <summary>
    /// PyTorch's <c>torch.optim.AdamW</c>: the weights decay first, and epsilon is added to the root of the bias-corrected second
    /// moment. ONNX Runtime's <c>adam_mode</c> 0.
    /// </summary>
    PyTorch,

    /// <summary>
    /// The <c>AdamW</c> of Hugging Face's transformers before version 5: epsilon is added to the root of the second moment as it
    /// is, and the weights decay after the update. ONNX Runtime's <c>adam_mode</c> 1.
    /// </summary>
    HuggingFace,
}
