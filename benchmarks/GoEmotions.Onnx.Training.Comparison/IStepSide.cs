namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>One of the programs compared: takes whole training steps (forward, backward, clipping, AdamW; dropout 0.1).</summary>
internal interface IStepSide : IDisposable
{
    /// <summary>Takes a step.</summary>
    /// <returns>The loss.</returns>
    public double Step(int[][] ids, float[] targets);
}
