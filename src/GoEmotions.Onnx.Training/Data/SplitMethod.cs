namespace GoEmotions.Onnx.Training.Data;

/// <summary>How <see cref="DatasetSplitter"/> divides examples.</summary>
public enum SplitMethod
{
    /// <summary>Every example is equally likely to go anywhere, as in the notebook.</summary>
    Random,

    /// <summary>Each label is divided in the same proportion, as far as can be (iterative stratification, Sechidis et al. 2011).</summary>
    Stratified,
}
