using System.Numerics.Tensors;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Quantization;

/// <summary>Decides whether a quantised variant is good enough to be written, by what it loses on labelled texts. Immutable and thread-safe.</summary>
public sealed record QuantizationGate
{
    /// <summary>The most that macro F1 may lose against float32.</summary>
    public double MaxMacroF1Loss { get; init; } = 0.005;

    /// <summary>The most that micro F1 may lose against float32.</summary>
    public double MaxMicroF1Loss { get; init; } = 0.005;

    /// <summary>Compares a variant's logits with those of float32 on the same rows.</summary>
    /// <param name="thresholds">The model's thresholds, with its labels.</param>
    /// <param name="referenceLogits">The logits of float32, row-major <c>[rows, labels]</c>.</param>
    /// <param name="variantLogits">The logits of the variant, of the same shape.</param>
    /// <param name="truth">Which labels hold, of the same shape.</param>
    /// <returns>Both F1s of both, the errors of the logits, and whether the variant passes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="thresholds"/> is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit, or a logit is not a number.</exception>
    public QuantizationGateResult Judge(LabelThresholds thresholds, ReadOnlySpan<float> referenceLogits, ReadOnlySpan<float> variantLogits, ReadOnlySpan<bool> truth)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        if (variantLogits.Length != referenceLogits.Length)
        {
            Throw.Argument($"the variant has {variantLogits.Length} logits, expected {referenceLogits.Length} as float32 has.", nameof(variantLogits));
        }

        EvaluationResult reference = Evaluate(thresholds, referenceLogits, truth);
        EvaluationResult variant = Evaluate(thresholds, variantLogits, truth);
        float[] differences = new float[referenceLogits.Length];
        TensorPrimitives.Subtract(variantLogits, referenceLogits, differences);
        return new QuantizationGateResult
        {
            Gate = this,
            Rows = reference.Rows,
            ReferenceMacroF1 = reference.Macro.F1,
            ReferenceMicroF1 = reference.Micro.F1,
            MacroF1 = variant.Macro.F1,
            MicroF1 = variant.Micro.F1,
            MeanLogitError = TensorPrimitives.SumOfMagnitudes<float>(differences) / differences.Length,
            LargestLogitError = Math.Abs(TensorPrimitives.MaxMagnitude<float>(differences)),
        };
    }

    private static EvaluationResult Evaluate(LabelThresholds thresholds, ReadOnlySpan<float> logits, ReadOnlySpan<bool> truth)
    {
        float[] scores = new float[logits.Length];
        if (!logits.IsEmpty)
        {
            TensorPrimitives.Sigmoid(logits, scores);
        }

        return Evaluator.Evaluate(new EvaluationInput { Labels = thresholds.Labels, Thresholds = thresholds, Scores = scores, Truth = truth.ToArray(), Bootstrap = null });
    }
}
