namespace GoEmotions.Onnx.Training.Data;

/// <summary>What becomes of several rows about one comment, as in the raw GoEmotions release with its row per rater.</summary>
public enum RaterPolicy
{
    /// <summary>Every row is an example, as in the notebook.</summary>
    Keep,

    /// <summary>
    /// The rows of one comment id become one example with the labels that at least two of them chose, as in the GoEmotions paper
    /// (Demszky et al. 2020); a comment left without a label is dropped.
    /// </summary>
    Majority,
}
