using System.Numerics;
using System.Runtime.InteropServices;

namespace GoEmotions.Onnx.Training.Optimization;

/// <summary>
/// One AdamW step over flat blocks, in place, as PyTorch's <c>torch.optim.AdamW</c> computes it:
/// <c>p *= 1 - lr*decay; m += (g - m)(1 - b1); v += (g*g - v)(1 - b2); p -= lr/c1 * m / (sqrt(v)/sqrt(c2) + eps)</c>
/// with <c>c1 = 1 - b1^t</c>, <c>c2 = 1 - b2^t</c>; or as <see cref="AdamWMode.HuggingFace"/> does.
/// </summary>
/// <remarks>
/// Each element depends on its own place only, and the vector path rounds as the scalar one does, so that the result is
/// the same however the blocks are divided among threads.
/// </remarks>
internal readonly struct AdamW
{
    /// <summary>The number of <see cref="Constants"/>.</summary>
    public const int ConstantCount = 7;

    private readonly float _oneMinusBeta1;
    private readonly float _oneMinusBeta2;
    private readonly float _inverseRootCorrection2;
    private readonly float _epsilon;
    private readonly float _stepSize;
    private readonly float _keep;
    private readonly float _gradientScale;

    /// <param name="options">The constants.</param>
    /// <param name="learningRate">This step's learning rate.</param>
    /// <param name="stepNumber">The step's number, from 1.</param>
    /// <param name="weightDecay">The decay of this segment; 0 for biases and LayerNorm.</param>
    /// <param name="gradientScale">A factor for the gradients: of clipping, and of averaging over accumulated batches.</param>
    public AdamW(AdamWOptions options, double learningRate, long stepNumber, double weightDecay, double gradientScale)
    {
        _oneMinusBeta1 = (float)(1 - options.Beta1);
        _oneMinusBeta2 = (float)(1 - options.Beta2);
        double inverseRootCorrection2 = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, stepNumber));
        double keep = 1 - (learningRate * weightDecay);
        double stepSize = learningRate / (1 - Math.Pow(options.Beta1, stepNumber));

        // Hugging Face's form in the same operations: sqrt(c2) m/(sqrt(v) + eps) = m/(sqrt(v)/sqrt(c2) + eps/sqrt(c2)), and what
        // decays after the update is the update too.
        bool later = options.Mode == AdamWMode.HuggingFace;
        _inverseRootCorrection2 = (float)inverseRootCorrection2;
        _epsilon = (float)(later ? options.Epsilon * inverseRootCorrection2 : options.Epsilon);
        _stepSize = (float)(later ? stepSize * keep : stepSize);
        _keep = (float)keep;
        _gradientScale = (float)gradientScale;
    }

    /// <summary>
    /// Writes what a graph needs to compute the same: gradient scale, 1 - b1, 1 - b2, 1/sqrt(c2), epsilon, lr/c1, 1 - lr*decay.
    /// </summary>
    public void Constants(Span<float> destination)
    {
        ReadOnlySpan<float> constants = [_gradientScale, _oneMinusBeta1, _oneMinusBeta2, _inverseRootCorrection2, _epsilon, _stepSize, _keep];
        constants.CopyTo(destination);
    }

    /// <summary>Updates parameters and moments; all spans have one length, and all but the gradients are written.</summary>
    public void Step(Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> firstMoments, Span<float> secondMoments)
    {
        int index = 0;
        Span<Vector<float>> p = MemoryMarshal.Cast<float, Vector<float>>(parameters);
        ReadOnlySpan<Vector<float>> g = MemoryMarshal.Cast<float, Vector<float>>(gradients)[..p.Length];
        Span<Vector<float>> m = MemoryMarshal.Cast<float, Vector<float>>(firstMoments)[..p.Length];
        Span<Vector<float>> v = MemoryMarshal.Cast<float, Vector<float>>(secondMoments)[..p.Length];
        for (int vector = 0; vector < p.Length; vector++)
        {
            Vector<float> gradient = g[vector] * _gradientScale;
            Vector<float> first = m[vector] + ((gradient - m[vector]) * _oneMinusBeta1);
            Vector<float> second = v[vector] + (((gradient * gradient) - v[vector]) * _oneMinusBeta2);
            m[vector] = first;
            v[vector] = second;
            Vector<float> denominator = (Vector.SquareRoot(second) * _inverseRootCorrection2) + new Vector<float>(_epsilon);
            p[vector] = (p[vector] * _keep) - (first * _stepSize / denominator);
        }

        for (index = p.Length * Vector<float>.Count; index < parameters.Length; index++)
        {
            StepScalar(ref parameters[index], gradients[index], ref firstMoments[index], ref secondMoments[index]);
        }
    }

    /// <summary>The same for one element: what the vector path must equal to the bit.</summary>
    internal void StepScalar(ref float parameter, float gradient, ref float firstMoment, ref float secondMoment)
    {
        float scaled = gradient * _gradientScale;
        firstMoment += (scaled - firstMoment) * _oneMinusBeta1;
        secondMoment += ((scaled * scaled) - secondMoment) * _oneMinusBeta2;
        float denominator = (MathF.Sqrt(secondMoment) * _inverseRootCorrection2) + _epsilon;
        parameter = (parameter * _keep) - (firstMoment * _stepSize / denominator);
    }
}
