namespace GoEmotions.Onnx.Training;

/// <summary>The place of a batch among those whose gradients make one optimizer step.</summary>
/// <param name="Weight">Its share of the step's texts, in (0, 1].</param>
/// <param name="IsFirst">Whether it is the step's first.</param>
/// <param name="IsLast">Whether it is the step's last.</param>
internal readonly record struct MicroBatch(float Weight, bool IsFirst, bool IsLast)
{
    /// <summary>A batch that is a whole step.</summary>
    public static MicroBatch Whole => new(1, true, true);

    public bool IsWhole => IsFirst && IsLast;
}
