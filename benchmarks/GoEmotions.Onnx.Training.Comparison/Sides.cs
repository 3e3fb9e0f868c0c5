using GoEmotions.Onnx.Parity.Tests.Encoders;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>The programs compared.</summary>
internal static class Sides
{
    public const string Ours = "ours";
    public const string Torch = "torch";
    public const string TorchFused = "torch-sdpa";

    public static IReadOnlyList<string> All { get; } = [Ours, Torch, TorchFused];

    public static IStepSide Create(string name, StepCase step, int threads)
    {
        if (name == Ours)
        {
            return new OurSteps(step.Config, step.Batch * step.Sequence, threads);
        }

        return TorchLoader.WhyNot is { } reason ? throw new InvalidOperationException($"PyTorch cannot be loaded: {reason}") : new TorchSteps(step.Config, name == TorchFused, threads);
    }
}
