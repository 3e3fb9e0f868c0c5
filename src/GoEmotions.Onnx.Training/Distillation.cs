using System.Globalization;
using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// What a <see cref="Trainer"/> learns from teachers beside the labels (Hinton, Vinyals and Dean 2015, Distilling the Knowledge in a
/// Neural Network, arXiv:1503.02531, section 2, with sigmoids and a temperature of 1). The target of a text and label is
/// <c>(1 - w) y + w p</c>: y the truth, p the teachers' probability, w the <see cref="Weight"/>. Checked once, when the trainer is made.
/// </summary>
/// <remarks>
/// Binary cross-entropy is linear in its target, and so is its gradient: the loss is exactly the paper's weighted sum of the loss
/// against the labels and the one against the teachers, and the mean of several teachers' probabilities gives the mean of the losses
/// against each of them. Weights of positives keep it linear; the focal loss does not, and label smoothing would smooth the teachers'
/// probabilities too, so that both are refused.
/// </remarks>
public sealed record Distillation
{
    /// <summary>The part of the teachers in a target unless another is given.</summary>
    public const double DefaultWeight = 0.7;

    /// <summary>
    /// The probability that the teachers give to each label of each training text, row-major <c>[training texts, labels]</c>, in
    /// [0, 1]: of several teachers, the mean. The trainer copies it.
    /// </summary>
    public required ReadOnlyMemory<float> TeacherProbabilities { get; init; }

    /// <summary>The part of the teachers in a target, in [0, 1]: with 0 they have no effect, with 1 the labels have none.</summary>
    public double Weight { get; init; } = DefaultWeight;

    internal void Validate(EmotionDataset training, LossOptions loss)
    {
        CheckRange(Weight is >= 0 and <= 1, nameof(Weight), Weight, "a number in [0, 1]");
        CheckRange(loss.FocalGamma == 0, nameof(loss.FocalGamma), loss.FocalGamma, "0 with teachers: the focal loss is not linear in its target, so that a mixed target is no sum of two losses. Leave out one of them");
        CheckRange(loss.LabelSmoothing == 0, nameof(loss.LabelSmoothing), loss.LabelSmoothing, "0 with teachers: it would smooth their probabilities too. Leave out one of them");
        int labelCount = training.Labels.Count;
        if (TeacherProbabilities.Length != (long)training.Count * labelCount)
        {
            Throw.Argument($"'{nameof(TeacherProbabilities)}' has {TeacherProbabilities.Length} elements, expected {(long)training.Count * labelCount} ({training.Count} training texts x {labelCount} labels). Score the training texts in their order.", nameof(TeacherProbabilities));
        }

        int wrong = ScoreMatrix.FirstOutsideUnit(TeacherProbabilities.Span);
        if (wrong >= 0)
        {
            EmotionExample example = training[wrong / labelCount];
            Throw.Argument(string.Create(CultureInfo.InvariantCulture, $"the teachers' probability of label '{training.Labels[wrong % labelCount]}' for the text at {example.Source}:{example.LineNumber} is {TeacherProbabilities.Span[wrong]}, expected a number in [0, 1]. Apply the sigmoid to the logits."), nameof(TeacherProbabilities));
        }
    }

    /// <summary>Mixes the teachers' probabilities into the targets of a batch.</summary>
    /// <param name="examples">The indices of the batch's texts in the training split.</param>
    /// <param name="targets">Row-major <c>[examples, labels]</c>, 1 for a label that holds, else 0; changed in place.</param>
    internal void Mix(ReadOnlySpan<int> examples, Span<float> targets)
    {
        float weight = (float)Weight;
        int labelCount = targets.Length / examples.Length;
        TensorPrimitives.Multiply(targets, 1 - weight, targets);
        for (int row = 0; row < examples.Length; row++)
        {
            Span<float> target = targets.Slice(row * labelCount, labelCount);
            TensorPrimitives.MultiplyAdd(TeacherProbabilities.Span.Slice(examples[row] * labelCount, labelCount), weight, target, target);
        }
    }

    private static void CheckRange(bool holds, string name, double value, string expected)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, string.Create(CultureInfo.InvariantCulture, $"{name} is {value}, expected {expected}."));
        }
    }
}
