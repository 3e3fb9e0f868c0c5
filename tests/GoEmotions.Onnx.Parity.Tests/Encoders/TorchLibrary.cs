namespace GoEmotions.Onnx.Parity.Tests.Encoders;

/// <summary>PyTorch, as tests need it.</summary>
internal static class TorchLibrary
{
    /// <summary>Skips the running test, with the reason, where PyTorch cannot be loaded.</summary>
    public static void Require() => Assert.SkipWhen(TorchLoader.WhyNot is not null, $"needs PyTorch (TorchSharp): {TorchLoader.WhyNot}");
}
